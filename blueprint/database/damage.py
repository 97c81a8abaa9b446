"""Finds damage in a SQLite file, and says of what SQLite reports what it means and what to do."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from blueprint.clock import monotonic_s
from blueprint.errors import BlueprintError

_STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the clock: a millisecond or so."""
_WITHIN_S = 2.0
_REPAIR = (
    "put back a copy (`copies` beside it, or your backup); `sqlite3 platform.db .recover` can save"
    " rows that no copy has; the how-to `database` says how"
)
_WRITABLE = (
    "mount it writable, or give the files back to the user of the platform; even reading needs a"
    " place to write a lock"
)
_LOOK = "look at the machine's log (`dmesg`); nothing more was changed"
_MEANING = {
    sqlite3.SQLITE_CORRUPT: ("is damaged", _REPAIR),
    sqlite3.SQLITE_NOTADB: ("is no database: its beginning was overwritten", _REPAIR),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: the disk reports an error", _LOOK),
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full", "make room; nothing is lost"),
    sqlite3.SQLITE_READONLY: ("cannot be written: it or its file system is read-only", _WRITABLE),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened: it or its folder is read-only", _WRITABLE),
    sqlite3.SQLITE_BUSY: ("is kept locked by another process", "look who has it open (`fuser -v`)"),
}


class StorageError(BlueprintError):
    """The database cannot be used: damaged, read-only, full, locked."""


def explained(error: DBAPIError, place: str) -> StorageError | None:
    """Return what SQLite's error says of the file, None where it says something of a statement."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None and isinstance(error.orig, sqlite3.DatabaseError):
        return None
    meaning = _MEANING.get((code or 0) & 0xFF)
    if meaning is None:
        return None
    return StorageError(f"{place}: {meaning[0]} ({error.orig})", hint=meaning[1])


def demand_sound(database: Path, *, within_s: float = _WITHIN_S) -> bool:
    """Make sure that every page of a SQLite file can be read and fits the others.

    Returns:
        True when all of it was looked at, False when the time was over before: a big database
        must not keep the platform from starting.

    Raises:
        StorageError: It is damaged.
    """
    until = monotonic_s() + within_s
    address = f"{database.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.set_progress_handler(lambda: monotonic_s() > until, _STEPS)
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return False
        wrapped = DBAPIError(None, None, error)
        raise explained(wrapped, str(database)) or _damaged(database, str(error)) from None
    if found != "ok":
        raise _damaged(database, " ".join(str(found).split()))
    return True


def _damaged(database: Path, found: str) -> StorageError:
    return StorageError(f"{database}: is damaged ({found})", hint=_REPAIR)
