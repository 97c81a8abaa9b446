"""Bounds what a clock that was ahead has written: nobody waits a day for a retry of a minute."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from blueprint.database.connection import Database
from blueprint.database.schema import submissions
from blueprint.ledger.endings import RETRY_AFTER_S
from blueprint.ledger.leases import LEASE_S
from blueprint.ledger.states import JUDGED


def bound_moments(database: Database, now: datetime) -> int:
    """Pull in retries and leases that lie further ahead than any may; return how many it were.

    A retry waits the longest pause from now at most, a lease runs for one length of a lease: a
    worker that is well renews it long before that.
    """
    retry, lease = (now + timedelta(seconds=s) for s in (max(RETRY_AFTER_S), LEASE_S))
    late_retry = submissions.c.not_before > retry
    late_lease = (submissions.c.lease_until > lease) & submissions.c.state.not_in(JUDGED)
    with database.read() as connection:
        found = select(submissions.c.id).where(or_(late_retry, late_lease)).limit(1)
        if connection.execute(found).first() is None:
            return 0
    with database.write() as connection:
        retries = connection.execute(
            update(submissions).where(late_retry).values(not_before=retry)
        ).rowcount
        leases = connection.execute(
            update(submissions).where(late_lease).values(lease_until=lease)
        ).rowcount
        return retries + leases
