"""The database of a state folder: opened when it is fit to be used, and migrated when it is not."""

from datetime import datetime
from pathlib import Path

from blueprint.database.connection import Database
from blueprint.database.copies import sqlite_copier
from blueprint.database.migrate import Migration, migrate
from blueprint.database.opening import open_database
from blueprint.database.versions import demand_current, demand_known, read_version
from blueprint.errors import InputError
from blueprint.state import StateFolder


def open_stored(state: StateFolder) -> Database:
    """Return the database of a state folder, which has the schema of this program.

    Raises:
        InputError: There is none, or its schema is an earlier or a later one.
    """
    demand_stored(state)
    database = open_unchecked(state)
    try:
        demand_current(database)
    except BaseException:
        database.close()
        raise
    return database


def is_stored(state: StateFolder) -> bool:
    """Tell whether there is a database to open; of a server only opening it can tell."""
    return state.database.exists() or _address(state) is not None


def is_file(state: StateFolder) -> bool:
    """Tell whether the database is a file that is there."""
    return state.database.exists() and _address(state) is None


def open_unchecked(state: StateFolder) -> Database:
    """Open the database of a state folder as it is: the file, made when absent, or the server's."""
    return open_database(_address(state) or state.database)


def demand_stored(state: StateFolder) -> None:
    """Make sure that there is a database: opening one that is not there would make it.

    Raises:
        InputError: There is none.
    """
    if not is_stored(state):
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
    if not is_stored(state):
        return False
    database = open_unchecked(state)
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
    if _address(state):
        return migrate(database, lambda version: _demand_dump(state, database.place, version))
    return migrate(database, sqlite_copier(state.database, state.copies, now))


def _address(state: StateFolder) -> str | None:
    try:
        return state.database_address.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def _demand_dump(state: StateFolder, place: str, version: str) -> Path:
    """Return the dump that was made of a server's database; we have no program to make one."""
    dump = state.copies / f"platform-schema-{version}.dump"
    if not dump.is_file():
        raise InputError(
            f"{place}: has schema {version}, and before it is migrated there has to be a dump",
            hint=f"mkdir -p {state.copies}; pg_dump --format=custom --file={dump} DATABASE; then"
            " deploy again",
        )
    return dump


def in_words(migration: Migration) -> str:
    """Return what a migration of a database that was there did, as deploy and the log say it."""
    kept = f"; as it was before: {migration.copy}" if migration.copy else ""
    return f"database: schema {migration.before} -> {migration.after}{kept}"
