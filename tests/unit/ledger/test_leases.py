"""Leases: one holder at a time, the oldest first, and those given up on are fenced off."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from blueprint.database.connection import Database
from blueprint.ledger.history import attempts_of, events_of
from blueprint.ledger.holds import put_off
from blueprint.ledger.leases import Lease, acquire, is_any_waiting, renew, say
from blueprint.ledger.moves import LostLease, Result, advance, record_result
from blueprint.ledger.submissions import Submission, get, waiting_before
from blueprint.ledger.sweeper import release_all
from tests.unit.ledger.sweeping import sweep

Enqueue = Callable[..., Submission]


def take(database: Database, now: datetime, worker: str = "worker-1") -> Lease:
    lease = acquire(database, worker, now)
    assert lease is not None
    return lease


def test_the_oldest_waits_no_longer(database: Database, enqueue: Enqueue, noon: datetime) -> None:
    first, second = enqueue(), enqueue(team=2)

    assert take(database, noon).submission_id == first.id
    assert take(database, noon).submission_id == second.id
    assert acquire(database, "worker-1", noon) is None


def test_a_reservation_without_its_tag_is_not_taken(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue(confirmed=False)

    assert not is_any_waiting(database, noon)
    assert acquire(database, "worker-1", noon) is None


def test_an_attempt_is_written_down_before_its_work(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()

    lease = take(database, noon)

    [attempt] = attempts_of(database, lease.submission_id)
    assert (attempt.number, attempt.nonce, attempt.worker) == (1, lease.nonce, "worker-1")
    assert (attempt.started_at, attempt.ended_at) == (noon, None)
    assert lease.until == noon + timedelta(minutes=10)


def test_many_workers_take_each_submission_once(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    numbers = [enqueue(team=1 + number % 3).id for number in range(20)]
    taken: list[int] = []
    start = threading.Barrier(8)

    def work(name: str) -> None:
        start.wait()
        while (lease := acquire(database, name, noon)) is not None:
            taken.append(lease.submission_id)

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == numbers


def test_a_renewed_lease_outlives_its_first_end(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    lease = take(database, noon)

    assert renew(database, lease, noon + timedelta(minutes=9))

    assert sweep(database, lambda _: None, noon + timedelta(minutes=11)).retried == []
    assert sweep(database, lambda _: None, noon + timedelta(minutes=19)).retried == [1]


def test_a_worker_that_was_given_up_on_can_change_nothing(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    late = take(database, noon)
    advance(database, late, "checked", noon)
    later = noon + timedelta(minutes=11)
    sweep(database, lambda _: None, later)
    before = get(database, late.submission_id)

    with pytest.raises(LostLease):
        advance(database, late, "predicting", later)
    with pytest.raises(LostLease):
        record_result(database, late, Result(1.0, 1.0, [], []), later)
    assert not renew(database, late, later)
    assert not say(database, late, "still here")
    assert get(database, late.submission_id) == before


def test_the_next_worker_has_a_higher_token(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    late = take(database, noon)
    later = noon + timedelta(minutes=12)
    sweep(database, lambda _: None, later)

    following = take(database, later + timedelta(seconds=10), "worker-2")

    assert following.token > late.token
    assert [one.outcome for one in attempts_of(database, 1)] == ["lost", None]
    assert following.nonce != late.nonce


def test_a_note_shows_without_a_move(database: Database, enqueue: Enqueue, noon: datetime) -> None:
    enqueue()
    lease = take(database, noon)
    moves = len(events_of(database, 1))

    assert say(database, lease, "case 3 of 8")

    assert get(database, 1).note == "case 3 of 8"
    assert len(events_of(database, 1)) == moves


def test_a_restart_gives_back_its_own_workers_alone(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    enqueue(team=2)
    take(database, noon, "here_1")
    take(database, noon, "hereX1")

    report = release_all(database, "here_", noon)

    assert report.retried == [1]
    assert [get(database, n).worker for n in (1, 2)] == [None, "hereX1"]
    assert get(database, 1).platform_faults == 0
    assert take(database, noon).submission_id == 1


def test_what_is_interrupted_again_and_again_fails_with_its_quota_back(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    for _ in range(24):
        take(database, noon)
        release_all(database, "worker-", noon)
    assert get(database, 1).state == "received"

    take(database, noon)
    report = release_all(database, "worker-", noon)

    last = get(database, 1)
    assert report.failed == [1]
    assert (last.state, last.fault_class, last.refunded) == ("failed", "platform", True)
    assert last.fault_message is not None
    assert last.fault_message.startswith(
        "interrupted in each of 25 attempts; the last time: the platform was stopped meanwhile"
    )


def test_data_that_keep_changing_are_named_as_what_ended_a_submission(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()
    for _ in range(25):
        lease = take(database, noon)
        advance(database, lease, "checked", noon)
        put_off(database, lease, ("tissue", "public"), ["preliminary"], noon)

    last = get(database, 1)
    assert (last.state, last.fault_code, last.refunded) == ("failed", "interrupted", True)
    assert last.fault_message is not None
    assert "the test data were changed after they were put in force" in last.fault_message


def test_the_queue_is_counted(database: Database, enqueue: Enqueue, noon: datetime) -> None:
    enqueue()
    enqueue(team=2)
    third = enqueue(team=3)
    take(database, noon)

    assert waiting_before(database, third) == 1
