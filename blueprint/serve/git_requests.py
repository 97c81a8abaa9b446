"""Knows which git requests are running for whom, so that a revoked person's end at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from blueprint.adapters.git_http import GitHttpBackend

MAX_PER_PERSON = 4
MAX_IN_ALL = 32


class Place:
    """One request's place among those that run; its backend is put in when it has started."""

    def __init__(self, team: str) -> None:
        self.team = team
        self._backend: GitHttpBackend | None = None
        self._is_ended = False

    @property
    def was_killed(self) -> bool:
        """True when the backend could not tidy up after itself."""
        return self._backend is not None and self._backend.was_killed

    def take(self, backend: GitHttpBackend) -> None:
        """Put the backend in; it ends at once when the person's access ended meanwhile."""
        self._backend = backend
        if self._is_ended:
            backend.kill()

    def end(self) -> None:
        """End what runs here, or is about to."""
        self._is_ended = True
        if self._backend is not None:
            self._backend.kill()


class LiveRequests:
    """The running requests by person; used on the event loop only."""

    def __init__(self) -> None:
        self._by_person: dict[int, set[Place]] = {}
        self._untidy: set[str] = set()

    def is_full(self, person_id: int) -> bool:
        """Tell whether the person, or everybody together, has as many running as are allowed."""
        in_all = sum(len(theirs) for theirs in self._by_person.values())
        mine = self._by_person.get(person_id, ())
        return in_all >= MAX_IN_ALL or len(mine) >= MAX_PER_PERSON

    def people(self) -> tuple[int, ...]:
        """Return the ids of everyone with a request running."""
        return tuple(self._by_person)

    @contextmanager
    def holding(self, person_id: int, team: str) -> Iterator[Place]:
        """Give the person a place for as long as the block runs.

        It counts from the first moment: requests that come together must not all find room.
        """
        mine, place = self._by_person.setdefault(person_id, set()), Place(team)
        mine.add(place)
        try:
            yield place
        finally:
            mine.discard(place)
            if place.was_killed:
                self._untidy.add(team)
            if not mine:
                self._by_person.pop(person_id, None)

    def is_to_tidy(self, team: str) -> bool:
        """Tell, once, that killed requests left something where now none is running any more."""
        is_busy = any(place.team == team for theirs in self._by_person.values() for place in theirs)
        if is_busy or team not in self._untidy:
            return False
        self._untidy.discard(team)
        return True

    def end(self, person_id: int) -> int:
        """Kill everything that runs for the person; return how many there were."""
        places = tuple(self._by_person.get(person_id, ()))
        for place in places:
            place.end()
        return len(places)
