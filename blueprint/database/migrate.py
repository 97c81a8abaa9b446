"""Brings a database to the schema of this program, in one transaction, a copy being made first."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert
from sqlalchemy.exc import SQLAlchemyError

from blueprint.database.connection import Database
from blueprint.database.schema import metadata
from blueprint.database.versions import (
    STEPS,
    VERSION_TABLE,
    SchemaVersion,
    demand_known,
    note_software,
    read_version,
)
from blueprint.errors import BlueprintError

Copier = Callable[[str], Path]
"""Keeps a copy of the database as it is and returns where; it is told the schema's version."""


@dataclass(frozen=True)
class Migration:
    """What a migration did."""

    before: str | None
    """The schema that the database had; None: it was new."""
    after: str
    copy: Path | None
    """Where the database as it was before is kept; None: it was new, or nobody asked for one."""


def migrate(
    database: Database, copier: Copier | None = None, *, steps: Path = STEPS
) -> Migration | None:
    """Bring the tables to what this program knows; None when they were that already.

    All steps are one transaction: whatever interrupts them, the database is as before or as
    after. What is not new is copied first, while nobody else can write.

    Args:
        database: Where; nobody else should be working with it.
        copier: Makes the copy. None: no copy, for databases that nobody would miss.
        steps: The folder of the steps.

    Raises:
        InputError: A later program wrote it, or it is no database of ours.
        BlueprintError: A step failed; nothing was changed.
    """
    with database.read() as connection:
        version = read_version(connection, steps)
    demand_known(version, database.place)
    if version.age == "current":
        return None
    with database.rebuild() as connection:
        version = read_version(connection, steps)  # another may have been quicker
        if version.age == "current":
            return None
        copy = copier(version.stored) if copier and version.stored else None
        try:
            if version.stored is None and steps == STEPS:
                _make_declared(connection, version.head)
            else:
                _take_steps(connection, version, steps)
        except SQLAlchemyError as error:
            raise _failed(database, version, error, copy) from None
        note_software(connection)
    return Migration(version.stored, version.head, copy)


def _make_declared(connection: Connection, head: str) -> None:
    """Make the tables of a new database, which are what all steps together come to."""
    metadata.create_all(connection)
    VERSION_TABLE.create(connection)
    connection.execute(insert(VERSION_TABLE).values(version_num=head))


def _take_steps(connection: Connection, version: SchemaVersion, steps: Path) -> None:
    # Loading Alembic takes a quarter of a second: it is done where there is something to do.
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    script = ScriptDirectory(str(steps.parent), version_locations=[str(steps)])
    context = MigrationContext.configure(connection)
    if version.stored and not version.is_noted:
        context.stamp(script, version.stored)
    pending = list(script.iterate_revisions("head", version.stored or "base"))
    with Operations.context(context):
        for step in reversed(pending):
            step.module.upgrade()
            context.stamp(script, step.revision)


def _failed(
    database: Database, version: SchemaVersion, error: SQLAlchemyError, copy: Path | None
) -> BlueprintError:
    said = str(error.__cause__ or error).splitlines()[0]
    return BlueprintError(
        f"{database.place}: could not be migrated from schema {version.stored or 'none'} to"
        f" {version.head}: {said}; it is as it was before",
        hint=f"a copy was kept as {copy}" if copy else "look whether the disk is full",
    )
