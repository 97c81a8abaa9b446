"""Keeps consistent copies of the SQLite database, which may be in use meanwhile."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from blueprint.database.migrate import Copier
from blueprint.errors import BlueprintError


def sqlite_copier(database: Path, folder: Path, now: datetime) -> Copier:
    """Return what copies a database into `folder` as `platform-schema-<version>-<time>.db`."""

    def copy(version: str) -> Path:
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        return copy_sqlite(database, folder / f"platform-schema-{version}-{stamp}.db")

    return copy


def copy_sqlite(database: Path, target: Path) -> Path:
    """Copy a database as one moment shows it (SQLite's backup API), whole or not at all.

    Where `target` exists already the copy gets a number behind its name. It is checked, and
    stored for good, before its name is returned.

    Raises:
        BlueprintError: It could not be written, or what was copied is damaged.
    """
    draft = target.with_name(f".{target.name}.draft")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _copy_pages(database, draft)
        target = _free_name(target)
        draft.rename(target)
        _store(target.parent)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise BlueprintError(
            f"{database}: could not be copied to {target.parent}: {error}",
            hint="make room on the disk; nothing was changed",
        ) from None
    return target


def _copy_pages(database: Path, draft: Path) -> None:
    with (
        closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(draft)) as copy,
    ):
        source.backup(copy)
        # A copy is one file: without this, reading it later would put a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"the database is damaged: {found}")
    _store(draft)


def _store(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _free_name(target: Path) -> Path:
    name, number = target, 1
    while name.exists():
        number += 1
        name = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return name
