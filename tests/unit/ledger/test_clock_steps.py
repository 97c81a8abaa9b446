"""A clock that was ahead costs nobody more than the longest wait there is."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from blueprint.config.model import Phase
from blueprint.database.connection import Database
from blueprint.database.schema import submissions
from blueprint.desk.ticket import Hold
from blueprint.intake.quota import usage_of
from blueprint.ledger.leases import acquire
from blueprint.ledger.moves import AttemptFault, fail
from blueprint.ledger.rework import Fit, acquire_rework, fail_rework
from blueprint.ledger.submissions import Submission, get
from tests.corrections import queue_rework
from tests.unit.ledger.sweeping import sweep

Enqueue = Callable[..., Submission]
DAY = timedelta(days=1)
PLATFORM = AttemptFault("platform", "engine", "the engine was away")


def tag_of(submission: Submission) -> str | None:
    return submission.tag


def test_a_retry_that_was_put_off_by_a_day_comes_within_minutes(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    ahead = acquire(database, "worker-1", noon + DAY)
    assert ahead is not None
    fail(database, ahead, PLATFORM, noon + DAY)

    sweep(database, tag_of, noon)  # the clock is right again

    assert acquire(database, "worker-1", noon + timedelta(minutes=5)) is not None


def test_a_retry_of_a_clock_that_is_right_keeps_its_time(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    lease = acquire(database, "worker-1", noon)
    assert lease is not None
    fail(database, lease, PLATFORM, noon)  # again after 10 s

    sweep(database, tag_of, noon)

    assert get(database, 1).not_before == noon + timedelta(seconds=10)


def test_a_lease_of_a_clock_that_was_ahead_ends_within_its_length(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    assert acquire(database, "worker-1", noon + DAY) is not None

    sweep(database, tag_of, noon)
    early = sweep(database, tag_of, noon + timedelta(minutes=9))
    late = sweep(database, tag_of, noon + timedelta(minutes=10))

    assert (early.retried, late.retried) == ([], [1])


def test_a_reservation_of_a_clock_that_was_ahead_is_taken_back(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(confirmed=False, at=noon + DAY)

    report = sweep(database, lambda _: None, noon)

    assert report.withdrawn == [1]


def test_work_on_a_correction_is_not_put_off_by_a_clock_that_was_ahead_either(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    submission = enqueue()
    queue_rework(database, submission, noon)
    ahead = acquire_rework(database, "gpu-1/1", noon + DAY, Fit([submission.phase]))
    assert ahead is not None
    hold = Hold("rescore", submission.id, ahead.token, ahead.attempt, "gpu-1/1", ahead.nonce)
    fail_rework(database, hold, PLATFORM, noon + DAY)

    sweep(database, tag_of, noon)

    later = noon + timedelta(minutes=5)
    assert acquire_rework(database, "gpu-1/1", later, Fit([submission.phase])) is not None


def test_a_correction_leased_by_a_clock_that_was_ahead_comes_back_within_its_length(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    submission = enqueue()
    queue_rework(database, submission, noon)
    lost = acquire_rework(database, "gpu-1/1", noon + DAY, Fit([submission.phase]))
    assert lost is not None

    sweep(database, tag_of, noon)
    late = sweep(database, tag_of, noon + timedelta(minutes=10))

    assert late.given_back == [lost.evaluation_id]


def test_what_came_and_ended_under_a_clock_that_was_ahead_counts_for_24_hours_from_then(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(at=noon + 5 * DAY)
    lease = acquire(database, "worker-1", noon + 5 * DAY)
    assert lease is not None
    fail(database, lease, AttemptFault("participant", "exit-code", "it fell"), noon + 5 * DAY)

    sweep(database, tag_of, noon)  # the clock is right again

    assert counted(database, noon + timedelta(hours=23)) == 1
    assert counted(database, noon + timedelta(hours=25)) == 0


def test_what_came_under_a_clock_that_was_ahead_and_ended_under_the_right_one_counts_from_then(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(at=noon + 5 * DAY)
    lease = acquire(database, "worker-1", noon)
    assert lease is not None
    fail(database, lease, AttemptFault("participant", "exit-code", "it fell"), noon)

    assert counted(database, noon + timedelta(hours=23)) == 1
    assert counted(database, noon + timedelta(hours=25)) == 0


def counted(database: Database, now: datetime) -> int:
    """Return how many submissions of the first team count in the 24 hours before `now`."""
    phase = Phase.model_validate({
        "id": "preliminary", "tasks": ["tissue"], "opens": "2027-01-01", "closes": "2028-01-01",
    })  # fmt: skip
    with database.read() as connection:
        challenge = connection.execute(select(submissions.c.challenge)).scalar_one()
        return len(usage_of(connection, challenge, phase, 1, now).today)
