"""The access log: who opened which file of a release, when, and how much of it was sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.database.schema import accesses, accounts


@dataclass(frozen=True)
class Access:
    """One file that one person opened; while it is open, `closed_at` is `opened_at`."""

    id: int
    username: str
    transport: str
    release: str
    path: str
    size_bytes: int
    sent_bytes: int
    complete: bool
    opened_at: datetime
    closed_at: datetime


@dataclass(frozen=True)
class Opening:
    """What is known of an access when it begins."""

    person_id: int
    username: str
    transport: str
    release: str
    """Empty for the README above all releases."""
    path: str
    size_bytes: int


def begin_access(database: Database, opening: Opening, now: datetime) -> int:
    """Note that a file is being opened, before a byte of it is sent; return the access's id."""
    row = {
        "person_id": opening.person_id,
        "transport": opening.transport,
        "release": opening.release,
        "path": opening.path,
        "size_bytes": opening.size_bytes,
        "sent_bytes": 0,
        "complete": False,
        "opened_at": now,
        "closed_at": now,
    }
    detail: dict[str, object] = {"path": opening.path, "transport": opening.transport}
    with database.write() as connection:
        subject = opening.release or "-"
        audit.append(connection, now, opening.username, "data.opened", subject, detail)
        query = insert(accesses).values(row).returning(accesses.c.id)
        return int(connection.execute(query).scalar_one())


def end_access(
    database: Database, access_id: int, sent_bytes: int, *, complete: bool, now: datetime
) -> None:
    """Note how much was sent, and whether that was all of it and the client had it."""
    values = {"sent_bytes": sent_bytes, "complete": complete, "closed_at": now}
    with database.write() as connection:
        connection.execute(update(accesses).where(accesses.c.id == access_id).values(values))


def list_accesses(
    database: Database,
    *,
    username: str | None = None,
    release: str | None = None,
    limit: int = 1000,
) -> list[Access]:
    """Return the newest accesses, newest first, of one person or release when given."""
    columns = (column for column in accesses.c if column is not accesses.c.person_id)
    query = (
        select(*columns, accounts.c.username)
        .join(accounts, accesses.c.person_id == accounts.c.id)
        .order_by(accesses.c.id.desc())
        .limit(limit)
    )
    if username is not None:
        query = query.where(accounts.c.username == username)
    if release is not None:
        query = query.where(accesses.c.release == release)
    with database.read() as connection:
        return [Access(**row) for row in connection.execute(query).mappings()]
