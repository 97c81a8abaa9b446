"""What is wrong with the running platform now, part by part."""

import threading


class Health:
    """The faults that are not over yet; safe to share between threads.

    `status` shows them, and `/healthz` answers 503 while there are any.
    """

    def __init__(self) -> None:
        self._faults: dict[str, str] = {}
        self._lock = threading.Lock()

    def note(self, part: str, fault: str) -> None:
        """Note what is wrong with a part."""
        with self._lock:
            self._faults[part] = fault

    def clear(self, part: str) -> None:
        """Note that nothing is wrong with a part any more."""
        with self._lock:
            self._faults.pop(part, None)

    def faults(self) -> tuple[str, ...]:
        """Return each fault as `part: what is wrong`."""
        with self._lock:
            return tuple(f"{part}: {fault}" for part, fault in sorted(self._faults.items()))
