"""Corrections for tests: put in as rows."""

from datetime import datetime

from sqlalchemy import insert

from blueprint.database.connection import Database
from blueprint.database.schema import datasets, evaluation_sets, evaluations, evaluators
from blueprint.ledger.rework import Kind
from blueprint.ledger.submissions import Submission


def queue_rework(
    database: Database,
    submission: Submission,
    now: datetime,
    *,
    kind: Kind = "rescore",
    host: str | None = None,
) -> None:
    """Queue the evaluation that a pending correction wants of a submission."""
    place = {"task": submission.task, "taken_at": now}
    made_with = {"dataset_digest": "d" * 64, "evaluator_digest": "e" * 64}
    with database.write() as connection:
        connection.execute(
            insert(datasets).values(digest="d" * 64, split="public", document={}, **place)
        )
        connection.execute(insert(evaluators).values(digest="e" * 64, document={}, **place))
        connection.execute(
            insert(evaluation_sets).values(
                task=submission.task, split="public", rules={}, state="pending", created_at=now,
                created_by="olga", **made_with,
            )
        )  # fmt: skip
        connection.execute(
            insert(evaluations).values(
                submission_id=submission.id, kind=kind, state="waiting", host=host,
                kept=str(submission.id), **made_with,
            )
        )  # fmt: skip
