"""Moves: compare and set, one result, faults with their class, cancellation."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.errors import ConflictError, NotFoundError
from blueprint.ledger.history import attempts_of, events_of, result_of, scores_of
from blueprint.ledger.leases import Lease, acquire
from blueprint.ledger.moves import (
    AttemptFault,
    LostLease,
    Mean,
    Result,
    ScoreRow,
    advance,
    fail,
    mark_published,
    record_result,
    request_cancel,
)
from blueprint.ledger.states import State
from blueprint.ledger.submissions import Submission, get, list_submissions

Enqueue = Callable[..., Submission]
WAY: tuple[State, ...] = ("checked", "canary", "predicting", "predicted", "scoring")
RESULT = Result(
    run_s=12.5,
    score_s=0.75,
    scores=[
        ScoreRow("case-01", "dice", "mean", 0.75, "ok"),
        ScoreRow("case-01", "hd95", "mean", 2.5, "ok"),
        ScoreRow("case-02", "dice", "mean", 0.25, "ok"),
        ScoreRow("case-02", "hd95", "mean", 4.5, "one-empty"),
    ],
    means=(Mean("dice", "mean", 0.5), Mean("hd95", "mean", 3.5)),
)


@pytest.fixture
def lease(database: Database, enqueue: Enqueue, noon: datetime) -> Lease:
    enqueue()
    taken = acquire(database, "worker-1", noon)
    assert taken is not None
    return taken


def walk(database: Database, lease: Lease, now: datetime, *, to: State = "scoring") -> None:
    for state in WAY[: WAY.index(to) + 1]:
        advance(database, lease, state, now)


def test_the_whole_way_from_push_to_publication(
    database: Database, lease: Lease, noon: datetime
) -> None:
    walk(database, lease, noon)
    assert record_result(database, lease, RESULT, noon) == "scored"
    assert mark_published(database, [1], noon) == (1,)

    moves = [(event.from_state, event.to_state) for event in events_of(database, 1)]
    assert moves == [
        (None, "received"), ("received", "checked"), ("checked", "canary"),
        ("canary", "predicting"), ("predicting", "predicted"), ("predicted", "scoring"),
        ("scoring", "scored"), ("scored", "published"),
    ]  # fmt: skip
    recorded = result_of(database, 1)
    assert recorded is not None
    assert (recorded.run_s, recorded.score_s, recorded.means) == (12.5, 0.75, RESULT.means)
    assert scores_of(database, 1) == list(RESULT.scores)
    assert [one.outcome for one in attempts_of(database, 1)] == ["scored"]
    assert audit.verify(database).problem == ""


def test_predictions_skip_the_run(database: Database, enqueue: Enqueue, noon: datetime) -> None:
    enqueue(kind="predictions")
    lease = acquire(database, "worker-1", noon)
    assert lease is not None

    for state in ("checked", "predicted", "scoring"):
        advance(database, lease, state, noon)

    assert record_result(database, lease, RESULT, noon) == "scored"


def test_a_result_is_recorded_once(database: Database, lease: Lease, noon: datetime) -> None:
    walk(database, lease, noon)
    record_result(database, lease, RESULT, noon)

    with pytest.raises(LostLease):
        record_result(database, lease, RESULT, noon)

    assert len(scores_of(database, 1)) == 4


def test_a_result_without_scoring_is_a_programming_error(
    database: Database, lease: Lease, noon: datetime
) -> None:
    with pytest.raises(ValueError, match="cannot move from received to scored"):
        record_result(database, lease, RESULT, noon)

    assert result_of(database, 1) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_is_never_stored(
    database: Database, lease: Lease, noon: datetime, value: float
) -> None:
    walk(database, lease, noon)

    rows = [ScoreRow("a", "dice", "mean", value, "ok")]
    with pytest.raises(ValueError, match="not finite"):
        record_result(database, lease, Result(1, 1, rows, []), noon)

    assert get(database, 1).state == "scoring"


def test_a_crash_inside_the_last_transaction_leaves_all_or_nothing(
    database: Database, lease: Lease, noon: datetime
) -> None:
    walk(database, lease, noon)
    # Breaks the key of the scores table.
    twice = [ScoreRow("case-01", "dice", "mean", 0.5, "ok")] * 2

    with pytest.raises(Exception, match=r"(?i)unique"):
        record_result(database, lease, Result(1, 1, twice, []), noon)

    assert get(database, 1).state == "scoring"
    assert result_of(database, 1) is None
    assert record_result(database, lease, RESULT, noon) == "scored"


@pytest.mark.parametrize("to", ["scored", "failed", "cancelled", "received", "published"])
def test_the_ends_are_not_reached_by_a_plain_move(
    database: Database, lease: Lease, noon: datetime, to: State
) -> None:
    with pytest.raises(ValueError, match="is reached by"):
        advance(database, lease, to, noon)


def test_a_step_is_not_skipped(database: Database, lease: Lease, noon: datetime) -> None:
    with pytest.raises(ValueError, match="cannot move from received to predicting"):
        advance(database, lease, "predicting", noon)


def test_a_participants_fault_ends_it_and_keeps_its_quota(
    database: Database, lease: Lease, noon: datetime
) -> None:
    walk(database, lease, noon, to="canary")

    state = fail(database, lease, AttemptFault("participant", "exit-code", "exit code 1"), noon)

    failed = get(database, 1)
    assert state == failed.state == "failed"
    assert (failed.fault_class, failed.fault_code) == ("participant", "exit-code")
    assert (failed.fault_message, failed.refunded) == ("exit code 1", False)
    assert failed.finished_at == noon
    assert [one.outcome for one in attempts_of(database, 1)] == ["failed"]


def test_an_organizers_fault_ends_it_and_gives_its_quota_back(
    database: Database, lease: Lease, noon: datetime
) -> None:
    assert (
        fail(database, lease, AttemptFault("organizer", "cases", "a file is gone"), noon)
        == "failed"
    )

    assert get(database, 1).refunded


def test_a_fault_of_the_platform_is_tried_three_times_more_each_later_than_the_last(
    database: Database, lease: Lease, noon: datetime
) -> None:
    fault, now, waits = AttemptFault("platform", "engine", "the engine is down"), noon, []
    for _ in range(3):
        assert fail(database, lease, fault, now) == "received"
        retry_at = get(database, 1).not_before
        assert retry_at is not None
        assert acquire(database, "worker-1", retry_at - timedelta(seconds=1)) is None
        waits.append((retry_at - now).total_seconds())
        now = retry_at
        again = acquire(database, "worker-1", now)
        assert again is not None
        lease = again

    assert fail(database, lease, fault, now) == "failed"

    assert waits == [10, 60, 300]
    last = get(database, 1)
    assert (last.attempt, last.fault_class, last.refunded) == (4, "platform", True)
    assert [one.outcome for one in attempts_of(database, 1)] == ["retried"] * 3 + ["failed"]


def test_a_waiting_submission_is_cancelled_at_once(
    database: Database, enqueue: Enqueue, noon: datetime
) -> None:
    enqueue()

    assert request_cancel(database, 1, "person-1", noon) == "cancelled"

    cancelled = get(database, 1)
    assert (cancelled.state, cancelled.refunded) == ("cancelled", False)
    assert acquire(database, "worker-1", noon) is None


def test_a_running_submission_is_cancelled_by_its_worker(
    database: Database, lease: Lease, noon: datetime
) -> None:
    walk(database, lease, noon, to="predicting")

    assert request_cancel(database, 1, "organizer", noon) == "requested"
    assert request_cancel(database, 1, "organizer", noon) == "requested"
    fail(database, lease, AttemptFault("platform", "withdrawn", ""), noon)

    assert get(database, 1).state == "cancelled"
    assert [one.outcome for one in attempts_of(database, 1)] == ["cancelled"]
    notes = [event.note for event in events_of(database, 1)]
    assert notes.count("organizer asked to cancel") == 1


def test_a_result_that_comes_after_the_wish_to_cancel_is_not_kept(
    database: Database, lease: Lease, noon: datetime
) -> None:
    walk(database, lease, noon)
    request_cancel(database, 1, "organizer", noon)

    assert record_result(database, lease, RESULT, noon) == "cancelled"

    assert result_of(database, 1) is None


def test_a_failure_after_the_wish_to_cancel_is_a_cancellation(
    database: Database, lease: Lease, noon: datetime
) -> None:
    request_cancel(database, 1, "organizer", noon)

    fault = AttemptFault("platform", "engine", "stopped")
    assert fail(database, lease, fault, noon) == "cancelled"


def test_what_has_ended_cannot_be_cancelled(
    database: Database, lease: Lease, noon: datetime
) -> None:
    walk(database, lease, noon)
    record_result(database, lease, RESULT, noon)

    with pytest.raises(ConflictError, match="submission 1 cannot be cancelled: it is scored"):
        request_cancel(database, 1, "person-1", noon)


def test_an_unknown_number_is_said_so(database: Database, noon: datetime) -> None:
    with pytest.raises(NotFoundError, match="there is no submission 7"):
        request_cancel(database, 7, "person-1", noon)


def test_only_scored_submissions_are_published(
    database: Database, enqueue: Enqueue, lease: Lease, noon: datetime
) -> None:
    enqueue(team=2)
    walk(database, lease, noon)
    record_result(database, lease, RESULT, noon)

    assert mark_published(database, [2, 1, 1], noon) == (1,)
    assert mark_published(database, [1], noon) == ()


def test_the_list_is_filtered(database: Database, enqueue: Enqueue, noon: datetime) -> None:
    enqueue()
    enqueue(team=2)
    enqueue()
    request_cancel(database, 1, "person-1", noon)

    assert [one.id for one in list_submissions(database)] == [3, 2, 1]
    assert [one.id for one in list_submissions(database, team="team-1")] == [3, 1]
    assert [one.id for one in list_submissions(database, state="received", limit=1)] == [3]
    assert list_submissions(database, phase="final") == []
    assert list_submissions(database)[0].tag_name == "submission/3"
