"""Knows which schema a database has and which one this program has, without loading Alembic."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    column,
    delete,
    insert,
    inspect,
    select,
    table,
)

from blueprint import __version__
from blueprint.database.connection import Database
from blueprint.errors import BlueprintError, InputError

STEPS = Path(__file__).parent / "migrations" / "versions"
LANDED = "0001"
"""The schema of databases that were made before schemas had a version."""
_LANDED_TABLES = frozenset({
    "acceptances", "accesses", "attempts", "audit", "events", "git_tokens", "meta",
    "password_resets", "people", "results", "scores", "sessions", "ssh_keys", "submissions",
    "teams",
})  # fmt: skip
VERSION_TABLE = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own, as it makes it: its one row is the schema's version."""
_SOFTWARE = "software"
_META = table("meta", column("key", String), column("value", String))
_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_DOWN = re.compile(r'^down_revision = (?:"(\w+)"|None)$', re.MULTILINE)

Age = Literal["empty", "older", "current", "newer"]


@dataclass(frozen=True)
class SchemaVersion:
    """The schema that a database has, beside the one that this program has."""

    stored: str | None
    """None: there are no tables yet."""
    is_noted: bool
    """False where the database is from before schemas had a version."""
    software: str
    """The version of diychallenge that made or migrated it last, empty when it is not known."""
    chain: tuple[str, ...]
    """Every version that this program knows, the oldest first."""

    @property
    def head(self) -> str:
        """The version that this program works with."""
        return self.chain[-1]

    @property
    def age(self) -> Age:
        """How the database stands to this program."""
        if self.stored is None:
            return "empty"
        if self.stored not in self.chain:
            return "newer"
        return "current" if self.stored == self.head and self.is_noted else "older"


@cache
def known_chain(steps: Path = STEPS) -> tuple[str, ...]:
    """Return the versions that the steps in a folder lead through, the oldest first.

    Raises:
        BlueprintError: They are no single line: a program that was put together wrongly.
    """
    after: dict[str | None, str] = {}
    for file in sorted(steps.glob("[0-9]*.py")):
        text = file.read_text(encoding="utf-8")
        revision, down = _REVISION.search(text), _DOWN.search(text)
        if revision is None or down is None or down[1] in after:
            raise BlueprintError(f"{file.name}: does not follow exactly one step")
        after[down[1]] = revision[1]
    chain: list[str] = []
    while (following := after.get(chain[-1] if chain else None)) is not None:
        chain.append(following)
    if len(chain) != len(after) or not chain:
        raise BlueprintError(f"{steps}: the steps are not one line")
    return tuple(chain)


def read_version(connection: Connection, steps: Path = STEPS) -> SchemaVersion:
    """Return which schema a database has.

    Raises:
        InputError: It holds tables, and they are not this program's.
    """
    tables = frozenset(inspect(connection).get_table_names())
    chain = known_chain(steps)
    if "alembic_version" in tables:
        query = "SELECT version_num FROM alembic_version"
        stored = connection.exec_driver_sql(query).scalar()
        if stored is None:
            raise BlueprintError("the table alembic_version is empty: the schema is not known")
        return SchemaVersion(str(stored), True, _values(connection).get(_SOFTWARE, ""), chain)
    if not tables:
        return SchemaVersion(None, False, "", chain)
    if not tables >= _LANDED_TABLES:
        missing = ", ".join(sorted(_LANDED_TABLES - tables))
        raise InputError(
            f"this is no database of diychallenge, or a part of one: {missing} missing",
            hint="put back a copy of the database",
        )
    return SchemaVersion(LANDED, False, "", chain)


def note_software(connection: Connection) -> None:
    """Note which program made or migrated the database, inside a write transaction."""
    connection.execute(delete(_META).where(_META.c.key == _SOFTWARE))
    connection.execute(insert(_META).values(key=_SOFTWARE, value=__version__))


def demand_current(database: Database) -> None:
    """Make sure that a database has exactly the schema that this program works with.

    Raises:
        InputError: It is older, newer or empty.
    """
    with database.read() as connection:
        version = read_version(connection)
    demand_known(version, database.place)
    if version.age == "empty":
        raise InputError(
            f"{database.place}: holds nothing, not even tables",
            hint="put back a copy of the database, if people had registered here",
        )
    if version.age == "older":
        raise InputError(
            f"{database.place}: has {_in_words(version)}, and this diychallenge ({__version__})"
            f" works with schema {version.head}",
            hint="`diychallenge deploy` migrates it; it makes a copy first",
        )


def demand_known(version: SchemaVersion, place: str) -> None:
    """Make sure that a database is not of a later program than this one.

    Raises:
        InputError: It is.
    """
    if version.age == "newer":
        by = f" by diychallenge {version.software}" if version.software else ""
        raise InputError(
            f"{place}: was written{by} with schema {version.stored}; this is diychallenge"
            f" {__version__}, which knows schemas up to {version.head}",
            hint="use that version of diychallenge or a later one; or put back the copy that was"
            " made before the migration (the folder `copies` beside the database)",
        )


def _in_words(version: SchemaVersion) -> str:
    if version.is_noted:
        return f"schema {version.stored}"
    return f"schema {version.stored}, from before schemas had a version"


def _values(connection: Connection) -> Mapping[str, str]:
    return {str(row.key): str(row.value) for row in connection.execute(select(_META))}
