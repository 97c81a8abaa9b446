"""A thread that takes a step again and again, and whose trouble is never silent."""

import logging
import threading
from collections.abc import Callable

from blueprint.serve.health import Health

_AFTER_TROUBLE_S = 5.0
_log = logging.getLogger(__name__)


class Loop:
    """Takes a step again and again: at once while there is work, else when woken or in time.

    A step that fails is noted in the platform's health until one succeeds; nothing that a step
    raises ends the thread.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], bool],
        *,
        pause_s: float,
        health: Health,
        after_trouble_s: float = _AFTER_TROUBLE_S,
    ) -> None:
        self._step = step
        self._pause_s = pause_s
        self._health = health
        self._after_trouble_s = after_trouble_s
        self._woken = threading.Event()
        self._stopping = threading.Event()
        # A daemon: a step that hangs must not keep a stopped platform alive.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Take a step now; may be called from any thread."""
        self._woken.set()

    def stop(self) -> None:
        """Take no further step."""
        self._stopping.set()
        self._woken.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the step under way."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()  # before the look: what comes during it is not missed
            if not self._take_step():
                self._woken.wait(self._pause_s)

    def _take_step(self) -> bool:
        name = self._thread.name
        try:
            has_more = self._step()
        except BaseException as error:  # noqa: BLE001  # whatever it is, the thread goes on
            _log.exception("%s: a step failed; it is tried again", name)
            self._health.note(name, f"fails, and is tried again: {_in_a_line(error)}")
            self._stopping.wait(self._after_trouble_s)
            return False
        self._health.clear(name)
        return has_more


def _in_a_line(error: BaseException) -> str:
    """Return the beginning of what an error says."""
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:300]
