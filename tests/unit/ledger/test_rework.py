"""Evaluations of corrections: leased, kept and ended beside the submission."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from blueprint.database.connection import Database
from blueprint.database.schema import evaluations
from blueprint.desk.ticket import Hold
from blueprint.ledger.outcomes import AttemptFault
from blueprint.ledger.rework import acquire_rework, fail_rework
from blueprint.ledger.submissions import Submission
from tests.corrections import queue_rework


def test_a_message_that_no_database_can_hold_ends_the_attempt_all_the_same(
    database: Database, enqueue: Callable[..., Submission], noon: datetime
) -> None:
    submission = enqueue()
    queue_rework(database, submission, noon)
    work = acquire_rework(database, "gpu-1/1", noon, [submission.phase])
    assert work is not None
    hold = Hold("rescore", submission.id, work.token, work.attempt, "gpu-1/1", work.nonce)

    fail_rework(database, hold, AttemptFault("organizer", "lost", "gone\0 away"), noon)

    with database.read() as connection:
        row = connection.execute(select(evaluations)).one()
    assert (row.state, row.fault_message) == ("failed", "gone\N{REPLACEMENT CHARACTER} away")
