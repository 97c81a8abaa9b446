"""Puts submissions off while the test data are not those that are in force: nobody's fault."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, exists, select, update

from blueprint.database.connection import Database
from blueprint.database.schema import attempts, evaluation_sets, events, submissions
from blueprint.evaluations.sets import SETS, sets_in_force
from blueprint.evaluations.terms import Place
from blueprint.ledger.endings import end_cancelled, end_interrupted
from blueprint.ledger.leases import Claim
from blueprint.ledger.moves import demand_held
from blueprint.ledger.submissions import Submission
from blueprint.ledger.transition import remark

ASK_AGAIN_S = 10
NOTE = (
    "the test data were changed after they were put in force; it waits until the organizers"
    " have settled that, and loses nothing"
)


def put_off(
    database: Database,
    claim: Claim,
    place: Place,
    phases: Collection[str],
    now: datetime,
    *,
    is_held: bool = True,
) -> None:
    """Put a submission back into the queue, with all others that wait for the same test data.

    An attempt that has not begun is not counted; one that has is given up at nobody's cost.

    Args:
        database: Where it is.
        claim: What the worker was given.
        place: The task and split whose data are not as they were put in force.
        phases: The phases that are evaluated on them.
        now: The present moment.
        is_held: Nobody is to evaluate on them for a while; else another host may at once.

    Raises:
        LostLease: The lease is not in force any more; nothing was changed.
    """
    with database.write(SETS) as connection:
        held = demand_held(connection, claim)
        if held.cancel_requested:
            end_cancelled(connection, held, now)
        elif held.state == "received":
            _give_back(connection, held)
        else:
            end_interrupted(connection, held, now, note=NOTE)
        if is_held:
            _hold(connection, place, phases, now)


def held_places(connection: Connection, now: datetime) -> frozenset[Place]:
    """Return the splits that no submission is to be evaluated on for the moment."""
    held = (evaluation_sets.c.state == "in-force") & (evaluation_sets.c.held_until > now)
    query = select(evaluation_sets.c.task, evaluation_sets.c.split).where(held)
    return frozenset((row.task, row.split) for row in connection.execute(query))


def let_go(database: Database, place: Place, phases: Collection[str]) -> bool:
    """End the hold of a split, whose data are in order; return whether there was one."""
    held = (
        evaluation_sets.c.task == place[0], evaluation_sets.c.split == place[1],
        evaluation_sets.c.held_until.is_not(None),
    )  # fmt: skip
    with database.read() as connection:
        if connection.execute(select(evaluation_sets.c.id).where(*held)).first() is None:
            return False
    with database.write(SETS) as connection:
        connection.execute(update(evaluation_sets).where(*held).values(held_until=None))
        noted = (*_waiting(phases), submissions.c.note == NOTE)
        connection.execute(update(submissions).where(*noted).values(note=""))
    return True


def _hold(connection: Connection, place: Place, phases: Collection[str], now: datetime) -> None:
    found = sets_in_force(connection).get(place)
    if found is None:
        return
    until = now + timedelta(seconds=ASK_AGAIN_S)
    mine = evaluation_sets.c.id == found.id
    connection.execute(update(evaluation_sets).where(mine).values(held_until=until))
    waiting = _waiting(phases)
    connection.execute(update(submissions).where(*waiting).values(note=NOTE))
    # Said once in the history of each, however often an evaluator asks.
    told = exists().where(events.c.submission_id == submissions.c.id, events.c.note == NOTE)
    unaware = select(submissions.c.id).where(*waiting, ~told)
    for number in connection.execute(unaware).scalars().all():
        remark(connection, number, at=now, from_state="received", to_state="received", note=NOTE)


def _waiting(phases: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        submissions.c.phase.in_(sorted(phases)),
        submissions.c.state == "received",
        submissions.c.lease_until.is_(None),
        submissions.c.confirmed_at.is_not(None),
    )


def _give_back(connection: Connection, held: Submission) -> None:
    """Take a lease back as if it had never been given, but for its fencing token."""
    connection.execute(
        update(submissions)
        .where(submissions.c.id == held.id, submissions.c.token == held.token)
        .values(token=held.token + 1, attempt=held.attempt - 1, worker=None, lease_until=None)
    )
    mine = (attempts.c.submission_id == held.id) & (attempts.c.number == held.attempt)
    connection.execute(delete(attempts).where(mine))
