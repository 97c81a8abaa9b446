"""Reads what happened to a submission: its moves, its attempts, its scores."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, select

from blueprint.database.connection import Database
from blueprint.database.schema import attempts, evaluation_sets, evaluations, events, scores
from blueprint.evaluations.sets import is_in_force
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
    """What the evaluation that counts came to, and why it is this one."""

    attempt: int
    recorded_at: datetime
    run_s: float
    score_s: float
    means: tuple[Mean, ...]
    """In the order of the task's metrics and regions."""
    kind: Literal["judge", "rescore", "rejudge"] = "judge"
    in_force_since: datetime | None = None
    """When its data and settings were put in force."""
    reason: str = ""
    """Of the correction that put them in force; empty where they are the first."""

    @property
    def words(self) -> str:
        """Which evaluation this is, in words."""
        on = f"{self.recorded_at:%d %B %Y, %H:%M} UTC"
        if self.kind == "judge":
            return f"evaluated on {on}"
        told = f"{'scored' if self.kind == 'rescore' else 'run and scored'} again on {on}"
        return f"{told}, because: {self.reason}" if self.reason else told


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
    """Return what the evaluation of a submission that counts came to, None before there is one."""
    with database.read() as connection:
        row = connection.execute(_counting(submission_id)).mappings().first()
        if row is None:
            return None
        in_force = connection.execute(
            select(evaluation_sets.c.put_in_force_at, evaluation_sets.c.reason).where(
                evaluation_sets.c.state == "in-force",
                evaluation_sets.c.dataset_digest == row["dataset_digest"],
                evaluation_sets.c.evaluator_digest == row["evaluator_digest"],
            )
        ).first()
    return RecordedResult(
        attempt=row["attempt"], recorded_at=row["recorded_at"], run_s=row["run_s"],
        score_s=row["score_s"], means=tuple(Mean(**mean) for mean in row["means"]),
        kind=row["kind"], in_force_since=in_force.put_in_force_at if in_force else None,
        reason=in_force.reason if in_force else "",
    )  # fmt: skip


def scores_of(database: Database, submission_id: int) -> list[ScoreRow]:
    """Return every value of a submission that counts, by case, metric and region."""
    names = (scores.c.case_id, scores.c.metric, scores.c.region)
    columns = (*names, scores.c.value, scores.c.flag)
    counting = _counting(submission_id).with_only_columns(evaluations.c.id).scalar_subquery()
    selected = select(*columns).where(scores.c.evaluation_id == counting)
    with database.read() as connection:
        rows = connection.execute(selected.order_by(*names)).mappings()
        return [ScoreRow(**row) for row in rows]


def _counting(submission_id: int) -> "Select[tuple[object, ...]]":
    """Return the select of the one evaluation of a submission that is in force."""
    mine = (evaluations.c.submission_id == submission_id) & (evaluations.c.state == "done")
    # One that a deploy froze comes before one that none has adopted yet.
    order = (evaluations.c.dataset_digest.is_(None), evaluations.c.id.desc())
    return select(evaluations).where(mine, is_in_force()).order_by(*order).limit(1)
