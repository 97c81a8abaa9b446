"""Writes down what evaluations came to: a row of their own, with the scores that hang on it."""

import math
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, update

from blueprint.database.schema import evaluations, scores
from blueprint.ledger.outcomes import Result


@dataclass(frozen=True)
class Made:
    """What an evaluation came to, and when."""

    result: Result
    at: datetime
    kept: str
    """The folder of its predictions."""
    host: str | None = None
    """On whose disk that folder lies; None where nobody noted it."""


def record_judged(connection: Connection, submission_id: int, attempt: int, made: Made) -> None:
    """Write the evaluation of a submission that was just judged.

    Raises:
        ValueError: A score is NaN or infinite.
    """
    result = made.result
    added = connection.execute(
        insert(evaluations).values(
            submission_id=submission_id, dataset_digest=result.dataset_digest or None,
            evaluator_digest=result.evaluator_digest or None, kind="judge", state="running",
            attempt=attempt, kept=made.kept,
        )
    )  # fmt: skip
    key = added.inserted_primary_key
    if key is None:
        raise RuntimeError("the database gave no number for a new row")
    write_scores(connection, int(key[0]), made)


def write_scores(connection: Connection, evaluation_id: int, made: Made) -> None:
    """Write what an evaluation came to, in the caller's transaction.

    Raises:
        ValueError: A score is NaN or infinite: SQLite would store NULL, which then wins.
    """
    result = made.result
    values = [row.value for row in result.scores] + [mean.value for mean in result.means]
    if not all(math.isfinite(value) for value in values):
        raise ValueError("a score is not finite")
    predictions = None if result.predictions is None else dict(result.predictions)
    connection.execute(
        update(evaluations)
        .where(evaluations.c.id == evaluation_id)
        .values(
            state="done", recorded_at=made.at, run_s=result.run_s, score_s=result.score_s,
            means=[asdict(mean) for mean in result.means], kept=made.kept,
            host=made.host, predictions=predictions, lease_until=None, worker=None, note="",
            fault_code=None, fault_message=None,
        )
    )  # fmt: skip
    rows = [{"evaluation_id": evaluation_id, **asdict(row)} for row in result.scores]
    if rows:
        connection.execute(insert(scores), rows)
