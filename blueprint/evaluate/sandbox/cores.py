"""Gives each run cores of its own as long as there are enough: none is slowed by another."""

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Cores:
    """The machine's cores, and how many runs are on each; safe to share between threads."""

    def __init__(self, allowed: Iterable[int] | None = None) -> None:
        """`allowed`: by default those that this process may use."""
        self._allowed = sorted(os.sched_getaffinity(0) if allowed is None else allowed)
        self._used: Counter[int] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def held(self, count: int) -> Iterator[tuple[int, ...]]:
        """Give `count` cores, at most all, for as long as the block runs: the least used ones.

        Of equally used cores the last are given: what else runs on the machine begins at the
        first.
        """
        with self._lock:
            order = sorted(self._allowed, key=lambda core: (self._used[core], -core))
            taken = tuple(sorted(order[:count]))
            self._used.update(taken)
        try:
            yield taken
        finally:
            with self._lock:
                self._used.subtract(taken)
