"""The database of a state folder: opened when it is fit to be used, and migrated when it is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.exc import DatabaseError

from blueprint.database.connection import Database, open_sqlite
from blueprint.database.copies import sqlite_copier
from blueprint.database.migrate import Migration, migrate
from blueprint.database.versions import demand_current, demand_known, read_version
from blueprint.errors import BlueprintError, InputError
from blueprint.state import StateFolder


def open_stored(state: StateFolder) -> Database:
    """Return the database of a state folder, which has the schema of this program.

    Raises:
        InputError: There is none, or its schema is an earlier or a later one.
    """
    demand_stored(state)
    database = open_sqlite(state.database)
    try:
        with naming_damage(state):
            demand_current(database)
    except BaseException:
        database.close()
        raise
    return database


def demand_stored(state: StateFolder) -> None:
    """Make sure that there is a database: opening one that is not there would make it.

    Raises:
        InputError: There is none.
    """
    if not state.database.exists():
        raise InputError(
            f"{state.database}: the database is gone; people, submissions, results and the audit"
            " log were in it",
            hint=f"put a copy of it back (`ls {state.copies}`, or your backup)",
        )


def needs_migration(state: StateFolder) -> bool:
    """Tell whether there is a database and its schema is an earlier one.

    Raises:
        InputError: Its schema is a later one.
    """
    if not state.database.exists():
        return False
    database = open_sqlite(state.database)
    try:
        with naming_damage(state), database.read() as connection:
            version = read_version(connection)
    finally:
        database.close()
    demand_known(version, database.place)
    return version.age == "older"


def migrate_stored(database: Database, state: StateFolder, now: datetime) -> Migration | None:
    """Bring the database of a state folder to this program's schema, after a copy was made.

    No platform may be running on it.

    Raises:
        InputError: Its schema is a later one.
        BlueprintError: It could not be copied or migrated; nothing was changed.
    """
    with naming_damage(state):
        return migrate(database, sqlite_copier(state.database, state.copies, now))


@contextmanager
def naming_damage(state: StateFolder) -> Iterator[None]:
    """Turn what SQLite says of a database that it cannot use into what to do about it.

    Raises:
        BlueprintError: SQLite cannot use it: it is damaged, or somebody keeps it locked.
    """
    try:
        yield
    except DatabaseError as error:
        raise BlueprintError(
            f"{state.database}: cannot be used: {error.orig}",
            hint="put back a copy of it, or look who else has it open; everything else is derived",
        ) from None


def in_words(migration: Migration) -> str:
    """Return what a migration of a database that was there did, as deploy and the log say it."""
    kept = f"; as it was before: {migration.copy}" if migration.copy else ""
    return f"database: schema {migration.before} -> {migration.after}{kept}"
