"""Who runs the challenge, and where it runs."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field

from blueprint.config.model.base import FolderPath, Line, Section, Slug


class Organizer(Section):
    """One group that answers for the challenge."""

    name: Line
    institution: Line


class About(Section):
    """The challenge as the pages name it (BIAS: title, organizers, contact)."""

    id: Slug
    title: Line
    contact: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
    timezone: str = "UTC"
    organizers: Annotated[tuple[Organizer, ...], Field(max_length=50)] = ()
    pages: FolderPath | None = None
    notice: Annotated[str, Field(max_length=500)] | None = None
    """Shown on every page, for instance that this is a demonstration set."""


class Embedded(Section):
    """The platform in one process on this machine."""

    address: Annotated[str, Field(pattern=r"^[0-9A-Za-z.:-]+$", max_length=255)] = "127.0.0.1"
    http: Annotated[int, Field(ge=1, le=65_535)] = 8080
    sftp: Annotated[int, Field(ge=1, le=65_535)] = 2022
    state: FolderPath = PurePosixPath(".diychallenge")


Target = Literal["embedded"]
