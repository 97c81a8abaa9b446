"""The one place where a submission's state changes: compare, set, and note it down."""

from datetime import datetime

from sqlalchemy import Connection, insert, update

from blueprint.database.schema import attempts, events, submissions
from blueprint.ledger.outcomes import LostLease
from blueprint.ledger.states import State, can_move


def change(
    connection: Connection,
    submission_id: int,
    *,
    from_state: State,
    token: int,
    to: State,
    now: datetime,
    note: str = "",
    is_fencing: bool = False,
    **values: object,
) -> None:
    """Set the state (and `values`) where state and fencing token are still as the caller saw them.

    Args:
        connection: A write transaction.
        submission_id: Which submission.
        from_state: The state that the caller saw.
        token: The fencing token that the caller holds or saw.
        to: The new state.
        now: Since when.
        note: What is happening, in words.
        is_fencing: Raise the token, so that whoever held it can change nothing any more.
        values: Further columns.

    Raises:
        LostLease: They are not.
        ValueError: There is no such move: a programming error.
    """
    if not can_move(from_state, to):
        raise ValueError(f"a submission cannot move from {from_state} to {to}")
    changed = connection.execute(
        update(submissions)
        .where(
            submissions.c.id == submission_id,
            submissions.c.state == from_state,
            submissions.c.token == token,
        )
        .values(
            {"state": to, "state_since": now, "note": note, "token": token + is_fencing, **values}
        )
    )
    if changed.rowcount != 1:
        raise LostLease(f"submission {submission_id} changed in the meantime")
    remark(connection, submission_id, at=now, from_state=from_state, to_state=to, note=note)


def remark(
    connection: Connection,
    submission_id: int,
    *,
    at: datetime,
    from_state: State | None,
    to_state: State,
    note: str,
) -> None:
    """Add a line to the submission's history."""
    row = {"at": at, "from_state": from_state, "to_state": to_state, "note": note}
    connection.execute(insert(events).values(submission_id=submission_id, **row))


def end_attempt(
    connection: Connection, submission_id: int, number: int, *, at: datetime, outcome: str, say: str
) -> None:
    """Note how an attempt ended; number 0 is no attempt."""
    connection.execute(
        update(attempts)
        .where(
            attempts.c.submission_id == submission_id,
            attempts.c.number == number,
            attempts.c.ended_at.is_(None),
        )
        .values(ended_at=at, outcome=outcome, message=say)
    )
