"""Moves a submission on: by the worker that holds it, by a publication, by a request to cancel."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, update

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.database.postgresql import hold as hold_lock
from blueprint.database.schema import evaluation_sets, submissions
from blueprint.errors import ConflictError
from blueprint.evaluations.sets import SETS
from blueprint.ledger.endings import end_cancelled, end_faulty, end_interrupted
from blueprint.ledger.evaluations import Made, record_judged
from blueprint.ledger.leases import Claim
from blueprint.ledger.outcomes import AttemptFault, LostLease, Mean, Result, ScoreRow
from blueprint.ledger.states import JUDGED, State
from blueprint.ledger.submissions import Submission, hold
from blueprint.ledger.transition import change, end_attempt, remark

__all__ = [
    "AttemptFault", "LostLease", "Mean", "Result", "ScoreRow", "advance", "fail",
    "mark_published", "record_result", "request_cancel",
]  # fmt: skip

_CORRECTED = "the organizers corrected what it is scored with meanwhile; it begins again"


def advance(database: Database, lease: Claim, to: State, now: datetime, note: str = "") -> None:
    """Move the submission that `lease` holds to the next state.

    Raises:
        LostLease: The lease is not in force any more; nothing was changed.
        ValueError: There is no such move, or it has a function of its own.
    """
    if to in JUDGED or to == "received":
        raise ValueError(f"{to} is reached by record_result, fail, cancel or mark_published")
    with database.write() as connection:
        held = demand_held(connection, lease)
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
        held = demand_held(connection, lease)
        if held.cancel_requested:
            return end_cancelled(connection, held, now)
        return end_faulty(connection, held, fault, now)


def record_result(
    database: Database, lease: Claim, result: Result, now: datetime, *, host: str | None = None
) -> State:
    """Write down scores, state and audit row in one transaction, and return the state.

    That is `scored`; `cancelled` when this was asked for in the meantime; or `received`, to begin
    again, when a correction was published meanwhile.

    Args:
        database: Where it is.
        lease: The lease under which it was made.
        result: What it came to.
        now: The present moment.
        host: On whose disk its predictions are kept.

    Raises:
        LostLease: The lease is not in force any more; nothing was recorded.
        ValueError: A score is NaN or infinite: SQLite would store NULL, which then wins.
    """
    with database.write() as connection:
        held = demand_held(connection, lease)
        if held.cancel_requested:
            return end_cancelled(connection, held, now)
        if not _is_current(connection, result):
            return end_interrupted(connection, held, now, note=_CORRECTED)
        change(
            connection, held.id, from_state=held.state, token=lease.token, to="scored", now=now,
            finished_at=now, worker=None, lease_until=None,
        )  # fmt: skip
        record_judged(connection, held.id, held.attempt, Made(result, now, str(held.id), host))
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


def demand_held(connection: Connection, lease: Claim) -> Submission:
    """Return the submission as it is now, if the lease still holds it.

    Raises:
        LostLease: It does not.
    """
    found = hold(connection, lease.submission_id)
    if (found.token, found.worker) != (lease.token, lease.worker) or found.state in JUDGED:
        raise LostLease(f"submission {found.id} is not held by {lease.worker} any more")
    return found


def _is_current(connection: Connection, result: Result) -> bool:
    """Tell whether what a result was made with is in force; without digests nobody can tell."""
    if not result.dataset_digest:
        return True
    hold_lock(connection, SETS)  # no correction is published between this look and our commit
    in_force = select(evaluation_sets.c.id).where(
        evaluation_sets.c.state == "in-force",
        evaluation_sets.c.dataset_digest == result.dataset_digest,
        evaluation_sets.c.evaluator_digest == result.evaluator_digest,
    )
    return connection.execute(in_force).first() is not None
