"""Gives submissions to workers, one worker each, for a while, with a fencing token."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from blueprint.database.connection import Database
from blueprint.database.schema import attempts, submissions
from blueprint.ledger.states import JUDGED
from blueprint.ledger.submissions import Submission, load, load_one, query

LEASE_S = 600
RENEW_S = 60
"""How often a worker renews."""


class Claim(Protocol):
    """What somebody shows who says that a submission is theirs to move on."""

    @property
    def submission_id(self) -> int:
        """The submission's number."""

    @property
    def token(self) -> int:
        """The fencing token that came with the lease."""

    @property
    def worker(self) -> str:
        """Who took the lease."""


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


def acquire(
    database: Database, worker: str, now: datetime, *, phases: Collection[str] | None = None
) -> Lease | None:
    """Take the submission that waits longest, or None when none may be taken now.

    One waits when its tag is confirmed, nobody holds it, and its time for a retry has come. The
    attempt is written down before anything is done for it.

    Args:
        database: Where they are.
        worker: Who takes it.
        now: The present moment.
        phases: Only of these phases.
    """
    with database.write() as connection:
        waiting = connection.execute(
            select(submissions.c.id)
            .where(*_waiting(now, phases))
            .order_by(submissions.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)  # another worker takes it just now
        ).scalar()
        return None if waiting is None else _take(connection, waiting, worker, now)


def is_any_waiting(
    database: Database, now: datetime, *, phases: Collection[str] | None = None
) -> bool:
    """Tell whether `acquire` would find something, without locking the database."""
    with database.read() as connection:
        selected = select(submissions.c.id).where(*_waiting(now, phases)).limit(1)
        return connection.execute(selected).scalar() is not None


def held_by(database: Database, worker: str) -> list[Lease]:
    """Return the leases that a worker has, as they were given to it."""
    with database.read() as connection:
        held = query().where(
            submissions.c.worker == worker,
            submissions.c.lease_until.is_not(None),
            submissions.c.state.not_in(JUDGED),
        )
        return [_as_given(connection, found) for found in load(connection, held)]


def find(database: Database, claim: Claim) -> Submission | None:
    """Return the submission that a claim holds, None when the claim is not in force."""
    with database.read() as connection:
        found = load(connection, query().where(*_held(claim)))
        return found[0] if found else None


def outcome_of(database: Database, submission_id: int, nonce: str) -> str | None:
    """Return how the attempt with this nonce ended; None while it runs, or when there is none."""
    with database.read() as connection:
        selected = select(attempts.c.outcome).where(
            attempts.c.submission_id == submission_id, attempts.c.nonce == nonce
        )
        found = connection.execute(selected).scalar()
        return None if found is None else str(found)


def renew(database: Database, lease: Claim, now: datetime) -> bool:
    """Hold on for another ten minutes; False when the lease is lost."""
    with database.write() as connection:
        renewed = connection.execute(
            update(submissions)
            .where(*_held(lease))
            .values(lease_until=now + timedelta(seconds=LEASE_S))
        )
        return renewed.rowcount == 1


def say(database: Database, lease: Claim, note: str) -> bool:
    """Show in words what is happening (`case 3 of 8`); False when the lease is lost."""
    with database.write() as connection:
        said = connection.execute(update(submissions).where(*_held(lease)).values(note=note))
        return said.rowcount == 1


def _waiting(now: datetime, phases: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    of_phases = () if phases is None else (submissions.c.phase.in_(sorted(phases)),)
    return (
        *of_phases,
        submissions.c.state == "received",
        submissions.c.confirmed_at.is_not(None),
        submissions.c.lease_until.is_(None),
        or_(submissions.c.not_before.is_(None), submissions.c.not_before <= now),
    )


def _held(lease: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        submissions.c.id == lease.submission_id,
        submissions.c.token == lease.token,
        submissions.c.worker == lease.worker,
        submissions.c.state.not_in(JUDGED),
    )


def _take(connection: Connection, submission_id: int, worker: str, now: datetime) -> Lease:
    before = load_one(connection, submission_id)
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
    after = load_one(connection, submission_id)
    return Lease(after, after.token, after.attempt, nonce, worker, until)


def _as_given(connection: Connection, held: Submission) -> Lease:
    nonce = _nonce(connection, held.id, held.attempt)
    if nonce is None or held.worker is None or held.lease_until is None:
        raise ValueError(f"submission {held.id} is held without an attempt")
    return Lease(held, held.token, held.attempt, nonce, held.worker, held.lease_until)


def _nonce(connection: Connection, submission_id: int, attempt: int) -> str | None:
    selected = select(attempts.c.nonce).where(
        attempts.c.submission_id == submission_id, attempts.c.number == attempt
    )
    found = connection.execute(selected).scalar()
    return None if found is None else str(found)
