"""Bounds what a clock that was ahead has written: nobody waits a day for a retry of a minute."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, or_, select, update

from blueprint.database.connection import Database
from blueprint.database.schema import evaluations, submissions
from blueprint.ledger.endings import RETRY_AFTER_S
from blueprint.ledger.leases import LEASE_S
from blueprint.ledger.states import JUDGED

_TOLERANCE = timedelta(minutes=1)
"""How far clocks may be apart before one of them counts as having been ahead."""


def bound_moments(database: Database, now: datetime) -> int:
    """Pull in retries and leases that lie further ahead than any may; return how many it were.

    A retry waits the longest pause from now at most, a lease runs for one length of a lease: a
    worker that is well renews it long before that. So it is for submissions, and for evaluations
    that a correction makes anew. What ended later than now ended now: by that the quota counts
    what such a clock wrote (`intake.quota`).
    """
    return sum((
        _bound_endings(database, now),
        _bound(database, now, submissions, submissions.c.state.not_in(JUDGED)),
        _bound(database, now, evaluations, evaluations.c.state == "running"),
    ))  # fmt: skip


def _bound_endings(database: Database, now: datetime) -> int:
    ahead = submissions.c.finished_at > now + _TOLERANCE
    with database.read() as connection:
        if connection.execute(select(submissions.c.id).where(ahead).limit(1)).first() is None:
            return 0
    with database.write() as connection:
        bound = update(submissions).where(ahead).values(finished_at=now)
        return connection.execute(bound).rowcount


def _bound(database: Database, now: datetime, table: Table, is_leased: ColumnElement[bool]) -> int:
    retry, lease = (now + timedelta(seconds=s) for s in (max(RETRY_AFTER_S), LEASE_S))
    late_retry = table.c.not_before > retry
    late_lease = (table.c.lease_until > lease) & is_leased
    with database.read() as connection:
        found = select(table.c.id).where(or_(late_retry, late_lease)).limit(1)
        if connection.execute(found).first() is None:
            return 0
    with database.write() as connection:
        retries = connection.execute(
            update(table).where(late_retry).values(not_before=retry)
        ).rowcount
        leases = connection.execute(
            update(table).where(late_lease).values(lease_until=lease)
        ).rowcount
        return retries + leases
