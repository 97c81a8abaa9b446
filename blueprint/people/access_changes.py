"""The outbox of changes to what people may open.

Whatever gives or takes access notes that in the transaction that does so. The running platform
reads the notes and makes every door what the database says (`serve.access_converger`): whoever
made the change, nobody has to be told, and nothing is lost while the platform is down.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from blueprint.database.connection import Database
from blueprint.database.schema import access_changes

KEPT = timedelta(days=90)
"""How long a change that holds everywhere is kept: the audit log has what caused it for ever."""


def note_change(connection: Connection, person_id: int, why: str, now: datetime) -> None:
    """Note, inside the transaction that causes it, that a person's access is not what it was.

    Args:
        connection: The transaction.
        person_id: Whose access.
        why: A few words for the log, such as `revoked` or `ssh-key.removed`.
        now: The present moment.
    """
    row = {"person_id": person_id, "why": why, "noted_at": now}
    connection.execute(insert(access_changes).values(row))


def people_to_settle(database: Database) -> tuple[int, ...]:
    """Return the ids of everybody with a change that does not hold everywhere yet."""
    query = select(access_changes.c.person_id).where(access_changes.c.done_at.is_(None)).distinct()
    with database.read() as connection:
        return tuple(connection.execute(query.order_by(access_changes.c.person_id)).scalars())


def open_changes(connection: Connection, person_id: int) -> tuple[int, ...]:
    """Return the numbers of a person's changes that do not hold everywhere yet."""
    is_open = (access_changes.c.person_id == person_id) & access_changes.c.done_at.is_(None)
    return tuple(connection.execute(select(access_changes.c.id).where(is_open)).scalars())


def mark_done(database: Database, changes: Sequence[int], now: datetime) -> None:
    """Note that these changes hold at every door."""
    with database.write() as connection:
        mine = access_changes.c.id.in_(changes)
        connection.execute(update(access_changes).where(mine).values(done_at=now))


def forget_done(database: Database, now: datetime) -> int:
    """Remove changes that have held everywhere for long; return how many.

    One that does not hold yet is never removed, however old it is.
    """
    is_old = access_changes.c.done_at < now - KEPT  # never true of what is not done
    with database.read() as connection:
        found = connection.execute(select(access_changes.c.id).where(is_old).limit(1)).first()
    if found is None:
        return 0
    with database.write() as connection:
        return connection.execute(delete(access_changes).where(is_old)).rowcount
