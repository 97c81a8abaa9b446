"""How an attempt ends without a result: a fault of somebody's, a retry, a cancellation."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from blueprint import audit
from blueprint.ledger.outcomes import AttemptFault
from blueprint.ledger.states import State
from blueprint.ledger.submissions import Submission
from blueprint.ledger.transition import change, end_attempt

RETRY_AFTER_S = (10, 60, 300)
"""How long the first, second and third retry after a fault of the platform wait."""
MAX_ATTEMPTS = 25
"""A submission that was interrupted so often may be what takes the platform down."""
_MAX_MESSAGE = 4000
_STOPPED = "the platform was stopped meanwhile; it begins again"


def end_faulty(
    connection: Connection, held: Submission, fault: AttemptFault, now: datetime
) -> State:
    """End the attempt with a fault: another attempt later, or the end. Returns the state."""
    message = storable(fault.message)
    faults = held.platform_faults + (fault.class_ == "platform")
    if fault.class_ == "platform" and faults <= len(RETRY_AFTER_S):
        wait_s = RETRY_AFTER_S[faults - 1]
        note = f"a fault of the platform, not yours: {message}"
        outcome = "lost" if fault.code == "lost" else "retried"
        return _retry(
            connection, held, now, note=note, outcome=outcome, say=message,
            not_before=now + timedelta(seconds=wait_s), platform_faults=faults,
        )  # fmt: skip
    refunded = fault.class_ != "participant"
    change(
        connection, held.id, from_state=held.state, token=held.token, to="failed", now=now,
        note=message, worker=None, lease_until=None, finished_at=now, platform_faults=faults,
        fault_class=fault.class_, fault_code=fault.code[:40], fault_message=message,
        refunded=refunded,
    )  # fmt: skip
    end_attempt(connection, held.id, held.attempt, at=now, outcome="failed", say=message)
    detail = {
        "attempt": held.attempt, "class": fault.class_, "code": fault.code, "refunded": refunded,
    }  # fmt: skip
    audit.append(connection, now, "platform", "submission.failed", str(held.id), detail)
    return "failed"


def storable(message: str) -> str:
    """Return a message as it is kept: bounded, and without NUL, which PostgreSQL cannot hold."""
    return message[:_MAX_MESSAGE].replace("\0", "\N{REPLACEMENT CHARACTER}")


def end_cancelled(connection: Connection, held: Submission, now: datetime) -> State:
    """End a submission as cancelled."""
    change(
        connection, held.id, from_state=held.state, token=held.token, to="cancelled", now=now,
        worker=None, lease_until=None, finished_at=now,
    )  # fmt: skip
    end_attempt(connection, held.id, held.attempt, at=now, outcome="cancelled", say="")
    audit.append(connection, now, "platform", "submission.cancelled", str(held.id), {})
    return "cancelled"


def end_interrupted(
    connection: Connection, held: Submission, now: datetime, *, note: str = _STOPPED
) -> State:
    """Put back into the queue what was cut off, at nobody's cost; `note` says by what."""
    if held.cancel_requested:
        return end_cancelled(connection, held, now)
    if held.attempt >= MAX_ATTEMPTS:
        message = (
            f"interrupted in each of {held.attempt} attempts; the last time: {note}."
            " The organizers should look at it: `diychallenge status` and `diychallenge logs`"
        )
        spent = replace(held, platform_faults=len(RETRY_AFTER_S))
        return end_faulty(connection, spent, AttemptFault("platform", "interrupted", message), now)
    return _retry(
        connection, held, now, note=note, outcome="lost", say=note, not_before=None,
        platform_faults=held.platform_faults,
    )  # fmt: skip


def _retry(
    connection: Connection,
    held: Submission,
    now: datetime,
    *,
    note: str,
    outcome: str,
    say: str,
    not_before: datetime | None,
    platform_faults: int,
) -> State:
    # The token goes up here too: the worker that was given up on is fenced off at once.
    change(
        connection, held.id, from_state=held.state, token=held.token, to="received", now=now,
        note=note, worker=None, lease_until=None, not_before=not_before,
        platform_faults=platform_faults, is_fencing=True,
    )  # fmt: skip
    end_attempt(connection, held.id, held.attempt, at=now, outcome=outcome, say=say)
    return "received"
