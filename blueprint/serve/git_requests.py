"""Knows which git requests are running for whom, so that a revoked person's end at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from blueprint.adapters.git_http import GitHttpBackend

MAX_PER_PERSON = 4
MAX_IN_ALL = 32


class LiveRequests:
    """The running backends by person; used on the event loop only."""

    def __init__(self) -> None:
        self._by_person: dict[int, set[GitHttpBackend]] = {}

    def is_full(self, person_id: int) -> bool:
        """Tell whether the person, or everybody together, has as many running as are allowed."""
        in_all = sum(len(theirs) for theirs in self._by_person.values())
        mine = self._by_person.get(person_id, ())
        return in_all >= MAX_IN_ALL or len(mine) >= MAX_PER_PERSON

    def people(self) -> tuple[int, ...]:
        """Return the ids of everyone with a request running."""
        return tuple(self._by_person)

    @contextmanager
    def holding(self, person_id: int, backend: GitHttpBackend) -> Iterator[None]:
        """Count `backend` as the person's for as long as the block runs."""
        mine = self._by_person.setdefault(person_id, set())
        mine.add(backend)
        try:
            yield
        finally:
            mine.discard(backend)
            if not mine:
                self._by_person.pop(person_id, None)

    def end(self, person_id: int) -> int:
        """Kill everything that runs for the person; return how many there were."""
        backends = tuple(self._by_person.get(person_id, ()))
        for backend in backends:
            backend.kill()
        return len(backends)
