"""The types that every section of challenge.yaml is made of."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from blueprint.config import units


class Section(BaseModel):
    """A mapping in challenge.yaml: unknown keys are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _opens(value: object, info: ValidationInfo) -> datetime:
    return units.parse_instant(value, zone=_zone(info), end_of_day=False)


def _closes(value: object, info: ValidationInfo) -> datetime:
    return units.parse_instant(value, zone=_zone(info), end_of_day=True)


def _zone_name(name: str) -> str:
    units.parse_zone(name)
    return name


def written_as(description: str, pattern: str) -> WithJsonSchema:
    """Return how the schema describes a key that the file writes as text.

    The model holds a moment, a number or a path of it.
    """
    return WithJsonSchema({"type": "string", "description": description, "pattern": pattern})


def _zone(info: ValidationInfo) -> str:
    context = info.context or {}
    return str(context.get("timezone", "UTC"))


SLUG = r"^[a-z0-9][a-z0-9-]{0,38}$"
NAME = r"^[a-z0-9][a-z0-9_]{0,38}$"
UNIT = r"^[a-z][a-z -]{0,30}$"
LINE = r"^[^\x00-\x1f\x7f]+$"
EMAIL = r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f]+$"
PLAIN_EMAIL = r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+$"
ADDRESS = r"^[0-9A-Za-z.:-]+$"
HOST_ADDRESS = r"^[0-9A-Za-z:][0-9A-Za-z.:-]*$"
RELEASE_VERSION = r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$"
DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
USER = r"^[a-z_][a-z0-9_-]{0,31}$"
KEY_ID = r"^[A-Za-z0-9._@+=/-]{1,200}$"
REGION = r"^[a-z0-9][a-z0-9-]{0,62}$"
URL = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$"
URL_TLS = r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$"
PAGE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\.md$"
MOMENT = r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])($|[TZAU +-])"
DURATION = r"^[0-9]{1,9} ?(s|min|h)$"
SIZE = r"^[0-9]{1,9} ?(MiB|GiB|TiB)$"
FOLDER = r"^(?!/)(?!(.*/)?\.\.(/|$))"
FILE = r"^(?!(.*/)?\.\.(/|$))."
"""What the schema knows of values that the loader reads in full; never less than it accepts."""

PATTERN_WORDS = {
    SLUG: "1 to 39 lower-case letters, digits and hyphens, no hyphen first",
    NAME: "1 to 39 lower-case letters, digits and underscores, no underscore first",
    UNIT: "1 to 31 lower-case letters, spaces and hyphens, a letter first",
    LINE: "text on one line",
    EMAIL: "a mail address",
    PLAIN_EMAIL: "a mail address of letters, digits and ._+- alone",
    ADDRESS: "an IP address or a host name",
    HOST_ADDRESS: "an IP address or a host name",
    RELEASE_VERSION: "three numbers such as 1.0.0",
    DOMAIN: "a domain name in lower case such as challenge.example.org",
    USER: "the name of a user on that host: lower-case letters, digits, hyphens, underscores",
    KEY_ID: "a name of letters, digits and ._@+=/- without spaces",
    REGION: "the name of a region such as eu-central-1",
    URL: "an address such as https://s3.example.org, without a name or password in it",
    URL_TLS: "an address that begins with https://, without a name or password in it",
    PAGE: "the name of a Markdown file such as agreement.md",
}
"""What each pattern asks for, as a message says it."""

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)]
Zone = Annotated[str, AfterValidator(_zone_name)]
Opens = Annotated[
    datetime, BeforeValidator(_opens), written_as("A moment; a bare date is 00:00:00.", MOMENT)
]
Closes = Annotated[
    datetime, BeforeValidator(_closes), written_as("A moment; a bare date is 23:59:59.", MOMENT)
]
Seconds = Annotated[
    int, BeforeValidator(units.parse_seconds), written_as("A duration such as 10 min.", DURATION)
]
Mebibytes = Annotated[
    int, BeforeValidator(units.parse_mebibytes), written_as("A size such as 8 GiB.", SIZE)
]
FolderPath = Annotated[
    PurePosixPath,
    BeforeValidator(units.parse_folder),
    written_as("A folder below that of challenge.yaml.", FOLDER),
]
