"""Who runs the challenge, and where it runs."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from blueprint.config.model.base import ADDRESS, EMAIL, FolderPath, Line, Section, Slug, Zone


class Organizer(Section):
    """One group that answers for the challenge."""

    name: Line
    institution: Line


class About(Section):
    """The challenge as the pages name it (BIAS: title, organizers, contact)."""

    id: Slug
    title: Line
    contact: Annotated[str, StringConstraints(pattern=EMAIL, max_length=254)]
    timezone: Zone = "UTC"
    organizers: Annotated[tuple[Organizer, ...], Field(max_length=50)] = ()
    pages: FolderPath | None = None
    notice: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    """Shown on every page, for instance that this is a demonstration set."""


EngineWord = Literal["auto", "process", "docker"]
"""What runs submissions on this machine: auto is Docker where it answers when `deploy` looks."""


class Embedded(Section):
    """The platform in one process on this machine."""

    address: Annotated[str, StringConstraints(pattern=ADDRESS, max_length=255)] = "127.0.0.1"
    http: Annotated[int, Field(strict=True, ge=1, le=65_535)] = 8080
    sftp: Annotated[int, Field(strict=True, ge=1, le=65_535)] = 2022
    state: FolderPath = PurePosixPath(".diychallenge")
    engine: EngineWord = "process"


Target = Literal["embedded", "server"]
