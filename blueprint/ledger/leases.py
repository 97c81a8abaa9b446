"""Gives submissions to workers, one worker each, for a while, with a fencing token."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from blueprint.database.connection import Database
from blueprint.database.schema import attempts, submissions
from blueprint.ledger.states import JUDGED
from blueprint.ledger.submissions import Submission, demand

LEASE_S = 600
RENEW_S = 60
"""How often a worker renews."""


@dataclass(frozen=True)
class Lease:
    """The right to move one submission on, until `until` unless renewed.

    Every lease raises the submission's fencing token by one, and so does taking it away: a
    worker that was given up on can change nothing any more, however late it wakes up.
    """

    submission: Submission
    """As it was when the lease was taken."""
    token: int
    attempt: int
    nonce: str
    """Marks what this attempt makes outside the database."""
    worker: str
    until: datetime

    @property
    def submission_id(self) -> int:
        """The submission's number."""
        return self.submission.id


def acquire(database: Database, worker: str, now: datetime) -> Lease | None:
    """Take the submission that waits longest, or None when none may be taken now.

    One waits when its tag is confirmed, nobody holds it, and its time for a retry has come. The
    attempt is written down before anything is done for it.
    """
    with database.write() as connection:
        waiting = connection.execute(
            select(submissions.c.id).where(*_waiting(now)).order_by(submissions.c.id).limit(1)
        ).scalar()
        return None if waiting is None else _take(connection, waiting, worker, now)


def is_any_waiting(database: Database, now: datetime) -> bool:
    """Tell whether `acquire` would find something, without locking the database."""
    with database.read() as connection:
        selected = select(submissions.c.id).where(*_waiting(now)).limit(1)
        return connection.execute(selected).scalar() is not None


def renew(database: Database, lease: Lease, now: datetime) -> bool:
    """Hold on for another ten minutes; False when the lease is lost."""
    with database.write() as connection:
        renewed = connection.execute(
            update(submissions)
            .where(*_held(lease))
            .values(lease_until=now + timedelta(seconds=LEASE_S))
        )
        return renewed.rowcount == 1


def must_stop(database: Database, lease: Lease) -> bool:
    """Tell whether the work on a lease has become pointless: it is lost, or to be cancelled."""
    with database.read() as connection:
        held = select(submissions.c.cancel_requested).where(*_held(lease))
        requested = connection.execute(held).scalar()
        return requested is None or bool(requested)


def say(database: Database, lease: Lease, note: str) -> bool:
    """Show in words what is happening (`case 3 of 8`); False when the lease is lost."""
    with database.write() as connection:
        said = connection.execute(update(submissions).where(*_held(lease)).values(note=note))
        return said.rowcount == 1


def _waiting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        submissions.c.state == "received",
        submissions.c.confirmed_at.is_not(None),
        submissions.c.lease_until.is_(None),
        or_(submissions.c.not_before.is_(None), submissions.c.not_before <= now),
    )


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (
        submissions.c.id == lease.submission_id,
        submissions.c.token == lease.token,
        submissions.c.state.not_in(JUDGED),
    )


def _take(connection: Connection, submission_id: int, worker: str, now: datetime) -> Lease:
    before = demand(connection, submission_id)
    until, nonce = now + timedelta(seconds=LEASE_S), secrets.token_hex(8)
    connection.execute(
        update(submissions)
        .where(submissions.c.id == submission_id, submissions.c.token == before.token)
        .values(
            token=before.token + 1, attempt=before.attempt + 1, worker=worker, lease_until=until,
            not_before=None, note="",
        )
    )  # fmt: skip
    row = {"number": before.attempt + 1, "nonce": nonce, "worker": worker, "started_at": now}
    connection.execute(insert(attempts).values(submission_id=submission_id, **row))
    after = demand(connection, submission_id)
    return Lease(after, after.token, after.attempt, nonce, worker, until)
