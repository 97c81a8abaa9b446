"""The sweeper: a lost message delays, and loses nothing."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from blueprint.database.connection import Database
from blueprint.errors import ToolError
from blueprint.ledger.leases import acquire
from blueprint.ledger.moves import AttemptFault, fail, request_cancel
from blueprint.ledger.reservations import confirm, refresh
from blueprint.ledger.rework import Fit, acquire_rework
from blueprint.ledger.submissions import Submission, get, list_submissions, load_one
from blueprint.ledger.sweeper import SweepReport
from tests.corrections import queue_rework
from tests.unit.ledger.sweeping import sweep, unsigned

Enqueue = Callable[..., Submission]
MINUTE = timedelta(minutes=1)


def same_tag(submission: Submission) -> str | None:
    return submission.tag


def no_tag(_: Submission) -> str | None:
    return None


def test_a_tag_that_nobody_confirmed_is_confirmed(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(confirmed=False)

    report = sweep(database, same_tag, noon + MINUTE)

    assert report.confirmed == [1]
    assert acquire(database, "worker-1", noon + MINUTE) is not None


def test_a_second_tag_on_the_commit_confirms_the_first_reservation(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(confirmed=False)

    sweep(database, lambda _: "refs/tags/submission/again", noon + MINUTE)

    assert get(database, 1).tag == "refs/tags/submission/again"


def test_a_reservation_without_a_tag_is_taken_back_after_a_minute(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(confirmed=False)

    early = sweep(database, no_tag, noon + MINUTE - timedelta(seconds=1))
    late = sweep(database, no_tag, noon + MINUTE)

    assert (early.withdrawn, late.withdrawn) == ([], [1])
    assert list_submissions(database) == []


def test_what_is_being_accepted_is_not_taken_back_meanwhile(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    reserved = enqueue(confirmed=False)
    reports: list[SweepReport] = []
    sweeping = threading.Thread(
        target=lambda: reports.append(sweep(database, no_tag, noon + MINUTE))
    )

    # As `post-receive` does it: it looks, and then accepts.
    with database.write(f"team {reserved.team_slug}") as connection:
        found = load_one(connection, reserved.id)
        sweeping.start()
        time.sleep(0.3)  # the sweeper would be done by now, if nothing held it up
        accepted = confirm(connection, found, found.tag, unsigned, noon)
    sweeping.join()

    assert accepted is not None
    assert reports[0].withdrawn == []
    assert get(database, reserved.id).confirmed_at == noon


def test_a_number_is_never_given_twice(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(confirmed=False)
    sweep(database, no_tag, noon + MINUTE)

    assert enqueue().id == 2


def test_a_reservation_that_is_pushed_again_meanwhile_stays(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    reserved = enqueue(confirmed=False)

    def pushed_while_git_was_asked(submission: Submission) -> str | None:
        with database.write() as connection:
            refresh(connection, reserved, noon + MINUTE)
        return None

    report = sweep(database, pushed_while_git_was_asked, noon + MINUTE)

    assert report.withdrawn == []
    assert get(database, 1).state == "received"


def test_one_broken_repository_does_not_stop_the_others(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(confirmed=False)
    enqueue(team=2, confirmed=False)

    def broken_for_team_1(submission: Submission) -> str | None:
        if submission.team_id == 1:
            raise ToolError("git: not a repository")
        return submission.tag

    report = sweep(database, broken_for_team_1, noon + MINUTE)

    assert report.confirmed == [2]
    assert report.problems == ["submission 1: git: not a repository"]


def test_a_lost_worker_is_a_fault_of_the_platform(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    acquire(database, "worker-1", noon)

    report = sweep(database, no_tag, noon + 10 * MINUTE)

    lost = get(database, 1)
    assert report.retried == [1]
    assert (lost.state, lost.platform_faults, lost.worker) == ("received", 1, None)


def test_the_fourth_lost_worker_fails_it_and_gives_its_quota_back(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    now = noon
    for _ in range(3):
        assert acquire(database, "worker-1", now) is not None
        now += 20 * MINUTE
        assert sweep(database, no_tag, now).retried == [1]
        now += 5 * MINUTE
    acquire(database, "worker-1", now)

    report = sweep(database, no_tag, now + 10 * MINUTE)

    assert report.failed == [1]
    assert (get(database, 1).fault_code, get(database, 1).refunded) == ("lost", True)


def test_a_lost_worker_that_was_to_cancel_is_a_cancellation(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    acquire(database, "worker-1", noon)
    request_cancel(database, 1, "organizer", noon)

    assert sweep(database, no_tag, noon + 10 * MINUTE).cancelled == [1]


def test_a_reservation_that_was_cancelled_needs_no_tag(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(confirmed=False)
    request_cancel(database, 1, "person-1", noon)

    assert sweep(database, no_tag, noon + MINUTE).is_quiet


def test_a_quiet_sweep_is_quiet(database: Database, enqueue: Enqueue, noon: datetime) -> None:
    enqueue()
    lease = acquire(database, "worker-1", noon)
    assert lease is not None
    fail(database, lease, AttemptFault("participant", "exit-code", "1"), noon)

    assert sweep(database, no_tag, noon + 60 * MINUTE).is_quiet


def test_an_evaluation_of_a_correction_is_given_to_another_when_its_worker_is_lost(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    submission = enqueue()
    queue_rework(database, submission, noon)
    lost = acquire_rework(database, "gpu-1/1", noon, Fit([submission.phase]))
    assert lost is not None

    early = sweep(database, same_tag, lost.until - timedelta(seconds=1))
    late = sweep(database, same_tag, lost.until)

    assert (early.given_back, late.given_back) == ([], [lost.evaluation_id])
    again = acquire_rework(database, "gpu-2/1", lost.until, Fit([submission.phase]))
    assert again is not None
    assert again.token > lost.token
