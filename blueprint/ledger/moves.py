"""Moves a submission on: by the worker that holds it, by a publication, by a request to cancel."""

import math
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, update

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.database.schema import results, scores, submissions
from blueprint.errors import ConflictError
from blueprint.ledger.endings import end_cancelled, end_faulty
from blueprint.ledger.leases import Claim
from blueprint.ledger.outcomes import AttemptFault, LostLease, Mean, Result, ScoreRow
from blueprint.ledger.states import JUDGED, State
from blueprint.ledger.submissions import Submission, hold
from blueprint.ledger.transition import change, end_attempt, remark

__all__ = [
    "AttemptFault", "LostLease", "Mean", "Result", "ScoreRow", "advance", "fail",
    "mark_published", "record_result", "request_cancel",
]  # fmt: skip


def advance(database: Database, lease: Claim, to: State, now: datetime, note: str = "") -> None:
    """Move the submission that `lease` holds to the next state.

    Raises:
        LostLease: The lease is not in force any more; nothing was changed.
        ValueError: There is no such move, or it has a function of its own.
    """
    if to in JUDGED or to == "received":
        raise ValueError(f"{to} is reached by record_result, fail, cancel or mark_published")
    with database.write() as connection:
        held = _held(connection, lease)
        change(
            connection, held.id, from_state=held.state, token=lease.token, to=to, now=now, note=note
        )


def fail(database: Database, lease: Claim, fault: AttemptFault, now: datetime) -> State:
    """End the attempt with a fault and return the state that follows.

    A fault of the platform is tried again, at most three times, each later than the last; after
    that, and for a fault of the organizers, the submission fails and its quota is given back.

    Raises:
        LostLease: The lease is not in force any more; nothing was changed.
    """
    with database.write() as connection:
        held = _held(connection, lease)
        if held.cancel_requested:
            return end_cancelled(connection, held, now)
        return end_faulty(connection, held, fault, now)


def record_result(database: Database, lease: Claim, result: Result, now: datetime) -> State:
    """Write down scores, state and audit row in one transaction, and return the state.

    That is `scored`, or `cancelled` when this was asked for in the meantime.

    Raises:
        LostLease: The lease is not in force any more; nothing was recorded.
        ValueError: A score is NaN or infinite: SQLite would store NULL, which then wins.
    """
    values = [row.value for row in result.scores] + [mean.value for mean in result.means]
    if not all(math.isfinite(value) for value in values):
        raise ValueError("a score is not finite")
    with database.write() as connection:
        held = _held(connection, lease)
        if held.cancel_requested:
            return end_cancelled(connection, held, now)
        change(
            connection, held.id, from_state=held.state, token=lease.token, to="scored", now=now,
            finished_at=now, worker=None, lease_until=None,
        )  # fmt: skip
        _write_result(connection, held, result, now)
        end_attempt(connection, held.id, held.attempt, at=now, outcome="scored", say="")
        detail = {"attempt": held.attempt, "means": [asdict(mean) for mean in result.means]}
        audit.append(connection, now, "platform", "submission.scored", str(held.id), detail)
        return "scored"


def mark_published(database: Database, ids: Iterable[int], now: datetime) -> tuple[int, ...]:
    """Note which scored submissions a published board took in, and return those that moved."""
    moved = []
    with database.write() as connection:
        for submission_id in sorted(set(ids)):
            found = hold(connection, submission_id)
            if found.state == "scored":
                change(
                    connection, found.id, from_state="scored", token=found.token, to="published",
                    now=now,
                )  # fmt: skip
                moved.append(found.id)
    return tuple(moved)


def request_cancel(
    database: Database, submission_id: int, by: str, now: datetime
) -> Literal["cancelled", "requested"]:
    """Cancel what still waits, or ask the worker that runs it to stop. Quota stays used.

    Raises:
        NotFoundError: There is no such submission.
        ConflictError: It has ended, or is scored already.
    """
    with database.write() as connection:
        found = hold(connection, submission_id)
        if found.state in JUDGED:
            raise ConflictError(f"submission {found.id} cannot be cancelled: it is {found.state}")
        if found.cancel_requested:
            return "requested"
        connection.execute(
            update(submissions).where(submissions.c.id == found.id).values(cancel_requested=True)
        )
        note = f"{by} asked to cancel"
        remark(
            connection, found.id, at=now, from_state=found.state, to_state=found.state, note=note
        )
        audit.append(connection, now, by, "submission.cancel-requested", str(found.id), {})
        if found.lease_until is not None:
            return "requested"
        end_cancelled(connection, found, now)
        return "cancelled"


def _held(connection: Connection, lease: Claim) -> Submission:
    """Return the submission as it is now, if the lease still holds it."""
    found = hold(connection, lease.submission_id)
    if (found.token, found.worker) != (lease.token, lease.worker) or found.state in JUDGED:
        raise LostLease(f"submission {found.id} is not held by {lease.worker} any more")
    return found


def _write_result(connection: Connection, held: Submission, result: Result, now: datetime) -> None:
    connection.execute(
        insert(results).values(
            submission_id=held.id, attempt=held.attempt, recorded_at=now, run_s=result.run_s,
            score_s=result.score_s, means=[asdict(mean) for mean in result.means],
        )
    )  # fmt: skip
    rows = [
        {
            "submission_id": held.id, "case_id": row.case_id, "metric": row.metric,
            "region": row.region, "value": row.value, "flag": row.flag,
        }
        for row in result.scores
    ]  # fmt: skip
    if rows:
        connection.execute(insert(scores), rows)
