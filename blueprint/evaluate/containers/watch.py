"""Watches one container to its end: the clock, cancelling, memory, the size of what it wrote."""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from blueprint.adapters.docker_engine import DockerEngineApi, EngineAwayError, RefusedError
from blueprint.clock import monotonic_s
from blueprint.errors import ToolError
from blueprint.evaluate.containers.labels import Noted
from blueprint.evaluate.containers.place import is_beyond
from blueprint.evaluate.containers.verdict import Found, Stopped

_POLL_S = 0.1
_MEASURE_S = 0.25
_SAMPLE_S = 1.0
_AWAY_POLL_S = 0.5
_KILL_S = 120.0
_KILL_AGAIN_S = 5.0
_RECORDED_S = 3.0
_BY_KILL = (137, 143)
_Answer = TypeVar("_Answer")


class LostError(ToolError):
    """The container, or the engine itself, is gone for good."""


@dataclass
class Watch:
    """Follows a container that runs."""

    api: DockerEngineApi
    container: str
    noted: Noted
    until_s: float
    """When its time is over, by the monotonic clock."""
    cancelled: Callable[[], bool]
    patience_s: float
    """How long an engine that does not answer is waited for."""
    stopped: Stopped | None = None
    was_away: bool = False
    peak_bytes: int = 0
    _due: dict[str, float] = field(default_factory=dict)

    def follow(self) -> Found:
        """Wait for the end, or bring it about.

        Raises:
            LostError: The container is gone, or the engine did not come back.
        """
        while True:
            state = self._state()
            if state.get("Status") in ("exited", "dead"):
                return self._found()
            if self.stopped is None:
                self.stopped = self._why_to_stop(state)
                if self.stopped is not None:
                    self._kill()
            time.sleep(_POLL_S)

    def _why_to_stop(self, state: Mapping[str, Any]) -> Stopped | None:
        now_s = monotonic_s()
        if now_s >= self.until_s:
            return "timeout"
        if self.cancelled():
            return "cancelled"
        if state.get("OOMKilled"):
            return "memory"  # a child was killed: the run as a whole has met its limit
        if self._is_due("sample", _SAMPLE_S, now_s):
            self.peak_bytes = max(self.peak_bytes, self.api.memory_bytes(self.container))
        if not self.noted.bounded and self._is_due("measure", _MEASURE_S, now_s):
            return "output" if is_beyond(Path(self.noted.folder), self.noted.limits) else None
        return None

    def _kill(self) -> None:
        """Kill it, and see that it ends: nobody inside is asked."""
        deadline_s = monotonic_s() + _KILL_S
        again_s = 0.0
        while self._state().get("Status") not in ("exited", "dead"):
            now_s = monotonic_s()
            if now_s > deadline_s:
                raise LostError(f"the engine did not end the container within {_KILL_S:g} s")
            if now_s > again_s:
                again_s = now_s + _KILL_AGAIN_S
                # On a machine that is very busy the engine gives up before the kernel is done.
                with contextlib.suppress(RefusedError):
                    self._asking(lambda: self.api.kill(self.container))
            time.sleep(_POLL_S)

    def _state(self) -> Mapping[str, Any]:
        facts = self._asking(lambda: self.api.inspect(self.container))
        if facts is None:
            raise LostError("its container was removed from outside")
        found: Mapping[str, Any] = facts["State"]
        return found

    def _found(self) -> Found:
        """Return all that is known of its end.

        The engine hears of a kill for want of memory by another way than of the end, and may
        write it down later: what could be one is looked at for a moment longer.
        """
        deadline_s = monotonic_s() + _RECORDED_S
        while True:
            state = self._state()
            events = self._asking(lambda: self.api.events(self.container))
            is_clear = (
                self.stopped is not None
                or state.get("ExitCode") not in _BY_KILL
                or bool(state.get("OOMKilled"))
                or "oom" in events
            )
            if is_clear or monotonic_s() > deadline_s:
                return Found(state, self.stopped, events, self.was_away)
            time.sleep(_POLL_S)

    def _is_due(self, what: str, every_s: float, now_s: float) -> bool:
        if now_s < self._due.get(what, float("-inf")):
            return False
        self._due[what] = now_s + every_s
        return True

    def _asking(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask the engine, and wait for one that is away: what runs may well go on meanwhile."""
        gone_s = None
        while True:
            try:
                return ask()
            except EngineAwayError as error:
                now_s = monotonic_s()
                gone_s = now_s if gone_s is None else gone_s
                self.was_away = True
                if now_s - gone_s > self.patience_s:
                    raise LostError(f"{error} (asked for {self.patience_s:g} s)") from error
                if self.cancelled():
                    raise LostError("the run was cancelled while the engine was away") from error
                time.sleep(_AWAY_POLL_S)
