"""The database of a state folder: opened when it is fit to be used, and migrated when it is not."""

from datetime import datetime

from blueprint.database.connection import Database, open_sqlite
from blueprint.database.copies import sqlite_copier
from blueprint.database.migrate import Migration, migrate
from blueprint.database.versions import demand_current, demand_known, read_version
from blueprint.errors import InputError
from blueprint.state import StateFolder


def open_stored(state: StateFolder) -> Database:
    """Return the database of a state folder, which has the schema of this program.

    Raises:
        InputError: There is none, or its schema is an earlier or a later one.
    """
    demand_stored(state)
    database = open_sqlite(state.database)
    try:
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
        with database.read() as connection:
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
    return migrate(database, sqlite_copier(state.database, state.copies, now))


def in_words(migration: Migration) -> str:
    """Return what a migration of a database that was there did, as deploy and the log say it."""
    kept = f"; as it was before: {migration.copy}" if migration.copy else ""
    return f"database: schema {migration.before} -> {migration.after}{kept}"
