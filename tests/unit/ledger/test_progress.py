"""At every state a person reads what is happening, since when, and what comes next."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from blueprint.ledger.progress import progress_of
from blueprint.ledger.states import ENDED, JUDGED, STATES, can_move
from blueprint.ledger.submissions import Submission

Enqueue = Callable[..., Submission]


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_words(enqueue: Enqueue, noon: datetime, state: str) -> None:
    told = progress_of(replace(enqueue(), state=state), noon)  # type: ignore[arg-type]

    assert told.happening
    assert told.next
    assert told.since == noon


def test_nothing_moves_on_from_an_end() -> None:
    assert not [(a, b) for a in ENDED for b in STATES if can_move(a, b)]
    assert [b for b in STATES if can_move("scored", b)] == ["published"]


def test_every_state_before_the_verdict_can_fail_and_be_tried_again() -> None:
    for state in set(STATES) - JUDGED:
        assert can_move(state, "failed")
        assert can_move(state, "cancelled")
        assert can_move(state, "received")


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (None, "it waits in the queue"),
        (0, "it is the next in the queue"),
        (2, "it waits in the queue, 2 before it"),
    ],
)
def test_the_queue_has_a_position(
    enqueue: Enqueue, noon: datetime, ahead: int | None, expected: str
) -> None:
    assert progress_of(enqueue(), noon, ahead=ahead).happening == expected


def test_a_retry_says_when(enqueue: Enqueue, noon: datetime) -> None:
    waiting = replace(enqueue(), not_before=noon + timedelta(seconds=60), note="the engine is down")

    told = progress_of(waiting, noon).happening

    assert told == "it waits until 2027-06-15T12:01:00Z to be tried again (the engine is down)"


def test_predictions_do_not_run(enqueue: Enqueue, noon: datetime) -> None:
    checked = replace(enqueue(kind="predictions"), state="checked")

    assert progress_of(checked, noon).next == "its predictions are read"


def test_a_failure_names_whose_fault_it_was(enqueue: Enqueue, noon: datetime) -> None:
    failed = replace(enqueue(), state="failed", fault_class="platform", fault_message="lost")

    assert "fault of the platform; its quota was given back" in progress_of(failed, noon).happening


def test_a_wish_to_cancel_shows(enqueue: Enqueue, noon: datetime) -> None:
    stopping = replace(enqueue(), state="predicting", cancel_requested=True)

    assert progress_of(stopping, noon).happening == "it is being stopped, as was asked for"
