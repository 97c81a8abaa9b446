"""Says how a run ended from what the engine tells of its container (pure).

The engine's word is not enough. It says "out of memory" also where only a child was killed and
the program exited with 0. And exit code 137 is all that is left of a container that was killed:
by us, by the engine when it was restarted, by an administrator, by the kernel, or by itself, which
a program could do to be run again at no cost. So the engine's own record of events decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from blueprint.contracts.job import Limits
from blueprint.evaluate.engine import Ended

Stopped = Literal["timeout", "cancelled", "memory", "output"]
"""Why we killed a run."""
_BY_SIGNAL = 128
_LAST_SIGNAL = 64
_KILLED = 137
_OVERRUN_S = 5.0
"""How much later than its limit an unwatched run may have ended of itself."""


@dataclass(frozen=True)
class Verdict:
    """How it ended: the fields of `Outcome` that are judged."""

    ended: Ended
    exit_code: int | None = None
    signal: int | None = None
    detail: str = ""


@dataclass(frozen=True)
class Found:
    """What is known of a container that runs no longer."""

    state: Mapping[str, Any]
    """The engine's `State`."""
    stopped: Stopped | None
    events: Collection[str]
    """What the engine remembers of the container, since the engine began."""
    was_away: bool
    """The engine could not be asked for a while."""


def judge(found: Found, limits: Limits) -> Verdict:
    """Return how a run ended, before its outputs are looked at."""
    code = int(found.state.get("ExitCode", -1))
    if (stopped := _stopped(found, limits)) is not None:
        return stopped
    if said := _engines_doing(found, code):
        return Verdict("engine-error", detail=said)
    if _BY_SIGNAL < code <= _BY_SIGNAL + _LAST_SIGNAL:
        return Verdict("signalled", signal=code - _BY_SIGNAL)
    return Verdict("exited", exit_code=code)


def _stopped(found: Found, limits: Limits) -> Verdict | None:
    if found.stopped == "timeout" or _has_overrun(found, limits):
        return Verdict("timeout", detail=f"still ran after {limits.time_s:g} s")
    if found.stopped == "cancelled":
        return Verdict("cancelled", detail="the run was cancelled")
    if found.stopped == "output":
        return Verdict("output", detail="/output held more than allowed")
    if _met_memory(found):
        return Verdict("memory", detail=f"used more than {limits.memory_mib} MiB of memory")
    return None


def wall_s(state: Mapping[str, Any]) -> float:
    """Return how long a container ran, by the engine's clock."""
    began, ended = moment(state.get("StartedAt")), moment(state.get("FinishedAt"))
    if began is None or ended is None:
        return 0.0
    return max(0.0, (ended - began).total_seconds())


def moment(text: object) -> datetime | None:
    """Return a moment as the engine writes it; None for its zero, or for no moment."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.year > 1 and found.tzinfo is not None else None


def _has_overrun(found: Found, limits: Limits) -> bool:
    """Tell whether it ended of itself after its time, when nobody watched."""
    return found.stopped is None and wall_s(found.state) > limits.time_s + _OVERRUN_S


def _met_memory(found: Found) -> bool:
    return found.stopped == "memory" or bool(found.state.get("OOMKilled")) or "oom" in found.events


def _engines_doing(found: Found, code: int) -> str:
    """Return why an end is the engine's doing, or the machine's; empty when it is the program's."""
    if error := str(found.state.get("Error") or ""):
        return f"the engine: {error[:300]}"
    if code in (-1, 255) and found.was_away:
        return "the engine was restarted and lost the run"
    if code not in (_KILLED, 143):
        return ""
    if "die" not in found.events:
        return "the engine was restarted and ended the run"
    if {"kill", "stop"} & set(found.events):
        return "the container was ended from outside"
    return ""
