"""What this process knows of its runs beside the engine; all of it can be lost in a restart."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from blueprint.clock import monotonic_s
from blueprint.contracts.job import Job
from blueprint.evaluate.containers.printed import FirstWords
from blueprint.evaluate.engine import Handle, Outcome


class Runs:
    """When each began, what it said first, how it ended; safe to share between threads."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        """By handle id: a run that was waited for says the same again."""
        self._lock = threading.Lock()
        self._beginning: set[str] = set()
        self._begun: dict[str, tuple[float, FirstWords]] = {}
        self._refused: dict[str, tuple[Handle, str]] = {}
        self._count = 0

    @contextmanager
    def beginning(self, name: str) -> Iterator[None]:
        """Mark a job as being started for as long as the block runs."""
        with self._lock:
            self._beginning.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._beginning.discard(name)

    def names(self) -> frozenset[str]:
        """Return the names of the jobs that are being started."""
        with self._lock:
            return frozenset(self._beginning)

    def began(self, container: str, words: FirstWords) -> None:
        """Note that a container was started just now."""
        with self._lock:
            self._begun[container] = (monotonic_s(), words)

    def begun_s(self, handle: Handle) -> float | None:
        """Return when it was started here, by the monotonic clock; None: not here."""
        with self._lock:
            found = self._begun.get(handle.id)
        return None if found is None else found[0]

    def heard(self, handle: Handle) -> bytes:
        """Return what it said first; empty when it was started before a restart."""
        with self._lock:
            found = self._begun.get(handle.id)
        return b"" if found is None else found[1].heard()

    def refuse(self, job: Job, why: str) -> Handle:
        """Return the handle of a job that could not be started; `why_refused` says why."""
        with self._lock:
            self._count += 1
            handle = Handle(job.name, job.nonce, f"refused-{self._count}")
            self._refused[handle.id] = (handle, why)
        return handle

    def why_refused(self, handle: Handle) -> str | None:
        """Return why a job could not be started; None when it was."""
        with self._lock:
            found = self._refused.get(handle.id)
        return None if found is None else found[1]

    def refused_of(self, nonce: str) -> list[Handle]:
        """Return an attempt's jobs that could not be started."""
        with self._lock:
            return [handle for handle, _ in self._refused.values() if handle.nonce == nonce]

    def forget(self, handle: Handle) -> None:
        """Drop all that is known of a run."""
        with self._lock:
            self._refused.pop(handle.id, None)
            self._begun.pop(handle.id, None)
            self.outcomes.pop(handle.id, None)
