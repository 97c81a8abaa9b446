"""Which data is given out, when, and to whom."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from blueprint.config.model.base import RELEASE_VERSION, FolderPath, Line, Opens, Section, Slug


class Release(Section):
    """A folder of files that people may download from a moment on."""

    id: Slug
    title: Line
    path: FolderPath
    opens: Opens
    audience: Literal["approved"] = "approved"
    license: Line
    version: Annotated[str, StringConstraints(pattern=RELEASE_VERSION)] = "1.0.0"


class Data(Section):
    """The releases of the challenge."""

    releases: Annotated[tuple[Release, ...], Field(max_length=100)] = ()
