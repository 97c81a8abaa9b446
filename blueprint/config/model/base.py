"""The types that every section of challenge.yaml is made of."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)

from blueprint.config import units


class Section(BaseModel):
    """A mapping in challenge.yaml: unknown keys are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _opens(value: object, info: ValidationInfo) -> datetime:
    return units.parse_instant(value, zone=_zone(info), end_of_day=False)


def _closes(value: object, info: ValidationInfo) -> datetime:
    return units.parse_instant(value, zone=_zone(info), end_of_day=True)


def _zone(info: ValidationInfo) -> str:
    context = info.context or {}
    return str(context.get("timezone", "UTC"))


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")]
Line = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Opens = Annotated[datetime, BeforeValidator(_opens)]
Closes = Annotated[datetime, BeforeValidator(_closes)]
Seconds = Annotated[int, BeforeValidator(units.parse_seconds), Field(ge=1, le=86_400)]
Mebibytes = Annotated[int, BeforeValidator(units.parse_mebibytes), Field(ge=1, le=4_194_304)]
FolderPath = Annotated[PurePosixPath, BeforeValidator(units.parse_folder)]
