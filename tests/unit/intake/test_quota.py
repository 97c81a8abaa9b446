"""Limits: what counts, until when, and when the next one may come."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from blueprint.config.model import Limits
from blueprint.intake.quota import Usage, exceeded, in_words, left

NONE = Limits(per_day=None, total=None, concurrent=None, failed_per_day=None)


def usage(
    limits: Limits,
    *,
    today: Sequence[datetime] = (),
    total: int = 0,
    running: Sequence[int] = (),
    failed: Sequence[datetime] = (),
) -> Usage:
    return Usage(limits, today, total, running, failed)


def test_no_limit_is_never_reached(noon: datetime) -> None:
    everything = usage(NONE, today=[noon] * 99, total=999, running=[1, 2], failed=[noon] * 99)

    assert exceeded(everything) == []
    assert left(everything) == ""


def test_the_next_is_allowed_when_the_oldest_leaves_the_window(noon: datetime) -> None:
    limits = NONE.model_copy(update={"per_day": 3})
    today = [noon - timedelta(hours=hours) for hours in (20, 5, 1)]

    [limit] = exceeded(usage(limits, today=today))

    assert limit.next_at == noon + timedelta(hours=4)  # the first came 20 hours ago


def test_after_a_limit_was_lowered_as_many_must_leave_as_are_too_many(noon: datetime) -> None:
    limits = NONE.model_copy(update={"per_day": 1})
    today = [noon - timedelta(hours=hours) for hours in (20, 5, 1)]

    [limit] = exceeded(usage(limits, today=today))

    assert limit.next_at == noon + timedelta(hours=23)  # even the last, 1 hour ago, must leave


def test_a_moment_is_rounded_up_so_that_it_is_never_too_early(noon: datetime) -> None:
    limits = NONE.model_copy(update={"per_day": 1})

    [limit] = exceeded(usage(limits, today=[noon + timedelta(microseconds=1)]))

    assert limit.next_at == noon + timedelta(days=1, seconds=1)


def test_what_is_left_is_said(noon: datetime) -> None:
    limits = NONE.model_copy(update={"per_day": 3, "total": 30})

    assert left(usage(limits, today=[noon], total=7)) == "2 of 3 in 24 hours, 23 of 30 in all"


def test_waiting_ends_no_limit_in_all_and_none_at_a_time() -> None:
    limits = NONE.model_copy(update={"total": 2, "concurrent": 1})

    found = exceeded(usage(limits, total=2, running=[7]))

    assert [(limit.rule, limit.next_at) for limit in found] == [
        ("the limit of 2 submissions in all is reached", None),
        ("the limit of 1 submission at a time is reached: 7 has not ended", None),
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 min"), (60, "1 min"), (61, "2 min"), (3600, "1 h 0 min"), (72_720, "20 h 12 min")],
)
def test_a_wait_in_words(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
