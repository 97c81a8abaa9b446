"""Reads what happened to a submission: its moves, its attempts, its scores."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from blueprint.database.connection import Database
from blueprint.database.schema import attempts, events, results, scores
from blueprint.ledger.outcomes import Mean, ScoreRow
from blueprint.ledger.states import State


@dataclass(frozen=True)
class Event:
    """One move from state to state (or a remark, where both are the same)."""

    at: datetime
    from_state: State | None
    to_state: State
    note: str


@dataclass(frozen=True)
class Attempt:
    """One try at evaluating a submission."""

    number: int
    nonce: str
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    """scored, failed, retried, lost or cancelled; None while it runs."""
    message: str | None


@dataclass(frozen=True)
class RecordedResult:
    """What an evaluation came to."""

    attempt: int
    recorded_at: datetime
    run_s: float
    score_s: float
    means: tuple[Mean, ...]
    """In the order of the task's metrics and regions."""


def events_of(database: Database, submission_id: int) -> list[Event]:
    """Return the moves of a submission, the oldest first."""
    columns = (events.c.at, events.c.from_state, events.c.to_state, events.c.note)
    selected = select(*columns).where(events.c.submission_id == submission_id)
    with database.read() as connection:
        rows = connection.execute(selected.order_by(events.c.id)).mappings()
        return [Event(**row) for row in rows]


def attempts_of(database: Database, submission_id: int) -> list[Attempt]:
    """Return the attempts at a submission, the first one first."""
    columns = [column for column in attempts.c if column is not attempts.c.submission_id]
    selected = select(*columns).where(attempts.c.submission_id == submission_id)
    with database.read() as connection:
        rows = connection.execute(selected.order_by(attempts.c.number)).mappings()
        return [Attempt(**row) for row in rows]


def result_of(database: Database, submission_id: int) -> RecordedResult | None:
    """Return what the evaluation of a submission came to, None before that."""
    columns = [column for column in results.c if column is not results.c.submission_id]
    selected = select(*columns).where(results.c.submission_id == submission_id)
    with database.read() as connection:
        row = connection.execute(selected).mappings().first()
    if row is None:
        return None
    return RecordedResult(**{**row, "means": tuple(Mean(**mean) for mean in row["means"])})


def scores_of(database: Database, submission_id: int) -> list[ScoreRow]:
    """Return every value of a submission, by case, metric and region."""
    names = (scores.c.case_id, scores.c.metric, scores.c.region)
    columns = (*names, scores.c.value, scores.c.flag)
    selected = select(*columns).where(scores.c.submission_id == submission_id)
    with database.read() as connection:
        rows = connection.execute(selected.order_by(*names)).mappings()
        return [ScoreRow(**row) for row in rows]
