"""How a run ended, from what the engine tells of its container."""

from typing import Any

import pytest

from blueprint.contracts.job import Limits
from blueprint.evaluate.containers.verdict import Found, Stopped, judge, wall_s

LIMITS = Limits(cpus=1, memory_mib=64, time_s=10, output_mib=8)
BEGAN, ENDED = "2026-11-21T20:08:44.64870121Z", "2026-11-21T20:08:46.14870121Z"  # 1.5 s
ALL = ("create", "start", "die")


def found(
    code: int,
    *,
    stopped: Stopped | None = None,
    events: tuple[str, ...] = ALL,
    was_away: bool = False,
    **state: Any,
) -> Found:
    told = {"ExitCode": code, "StartedAt": BEGAN, "FinishedAt": ENDED, "OOMKilled": False, **state}
    return Found(told, stopped, events, was_away)


def ended(one: Found) -> tuple[str, int | None, int | None]:
    verdict = judge(one, LIMITS)
    return verdict.ended, verdict.exit_code, verdict.signal


@pytest.mark.parametrize("code", [0, 1, 3, 127, 200])
def test_an_exit_code_is_the_programs(code: int):
    assert ended(found(code)) == ("exited", code, None)


@pytest.mark.parametrize(("code", "signal"), [(139, 11), (134, 6), (137, 9), (143, 15)])
def test_a_code_above_128_is_a_signal(code: int, signal: int):
    assert ended(found(code)) == ("signalled", None, signal)


@pytest.mark.parametrize("stopped", ["timeout", "cancelled", "output", "memory"])
def test_what_we_stopped_ended_by_that(stopped: Stopped):
    assert ended(found(137, stopped=stopped, events=("kill", "die"))) == (stopped, None, None)


def test_a_child_that_was_killed_for_memory_counts_though_the_program_exited_with_0():
    assert ended(found(0, OOMKilled=True)) == ("memory", None, None)


def test_memory_is_seen_in_the_engines_events_too():
    assert ended(found(137, events=("start", "oom", "die")))[0] == "memory"


@pytest.mark.parametrize("code", [137, 143])
def test_a_kill_that_the_engine_does_not_remember_was_its_restart(code: int):
    verdict = judge(found(code, events=()), LIMITS)

    assert (verdict.ended, verdict.detail) == (
        "engine-error",
        "the engine was restarted and ended the run",
    )


def test_a_kill_by_somebody_else_is_not_the_programs_doing():
    assert ended(found(137, events=("start", "kill", "die")))[0] == "engine-error"


def test_a_program_that_kills_itself_gains_nothing():
    assert ended(found(137)) == ("signalled", None, 9)


def test_what_the_engine_lost_while_it_was_away_is_its_fault():
    assert ended(found(255, events=(), was_away=True))[0] == "engine-error"
    assert ended(found(255)) == ("exited", 255, None)


def test_what_ended_well_while_the_engine_was_away_counts():
    assert ended(found(0, events=(), was_away=True)) == ("exited", 0, None)


def test_a_run_that_nobody_watched_past_its_time_has_met_its_limit():
    late = "2026-11-21T20:09:04.64870121Z"  # 20 s after it began; the limit is 10 s

    assert ended(found(0, FinishedAt=late))[0] == "timeout"


def test_the_wall_clock_is_the_engines():
    assert wall_s({"StartedAt": BEGAN, "FinishedAt": ENDED}) == pytest.approx(1.5)
    assert wall_s({"StartedAt": "0001-01-01T00:00:00Z", "FinishedAt": ENDED}) == 0.0
