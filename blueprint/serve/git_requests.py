"""Gives git requests a turn each, a few at a time, and knows which are running for whom."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from blueprint.adapters.git_http import GitHttpBackend
from blueprint.serve.git_gate import Member

MAX_PER_PERSON = 4
MAX_IN_ALL = 32
MAX_WAITING_PER_PERSON = 64
WAIT_S = 90.0
"""Longer than it takes until those who send nothing are ended (`git_body.PAUSE_S`)."""


class NoTurnError(Exception):
    """It did not come to a turn in time, or too many wait already; says which."""


class Place:
    """One request's place among those that run; its backend is put in when it has started."""

    def __init__(self, member: Member, team: str) -> None:
        self.member = member
        self.team = team
        self._backend: GitHttpBackend | None = None
        self.is_ended = False
        """True when the person's access ended while it had the place."""

    @property
    def was_killed(self) -> bool:
        """True when the backend could not tidy up after itself."""
        return self._backend is not None and self._backend.was_killed

    def take(self, backend: GitHttpBackend) -> None:
        """Put the backend in; it ends at once when the person's access ended meanwhile."""
        self._backend = backend
        if self.is_ended:
            backend.kill()

    def end(self) -> None:
        """End what runs here, or is about to."""
        self.is_ended = True
        if self._backend is not None:
            self._backend.kill()


class LiveRequests:
    """The running requests; used on the event loop only."""

    def __init__(self) -> None:
        self._places: set[Place] = set()
        self._waiting: dict[int, int] = {}
        self._changed = asyncio.Condition()
        self._untidy: set[str] = set()

    @asynccontextmanager
    async def turn(self, member: Member, team: str) -> AsyncIterator[Place]:
        """Wait for a place and hold it for as long as the block runs.

        A person has four at a time and everybody together 32: requests that come together stand
        in line, and nobody's line is in front of another person's.

        Raises:
            NoTurnError: Too many of the person's wait already, or this one waited too long.
        """
        place = Place(member, team)
        await self._wait_for(place)
        try:
            yield place
        finally:
            self._places.discard(place)
            if place.was_killed:
                self._untidy.add(team)
            async with self._changed:
                self._changed.notify_all()

    def people(self) -> tuple[str, ...]:
        """Return the usernames of everyone with a request running."""
        return tuple({place.member.username for place in self._places})

    def tokens_of(self, username: str) -> frozenset[int]:
        """Return the ids of the tokens with which a person's running requests came."""
        return frozenset(
            place.member.token_id for place in self._of(username) if not place.is_ended
        )

    def end(self, username: str, *, keep: Collection[int] = ()) -> int:
        """Kill what runs for the person with other tokens than these; return how many it was."""
        ended = [place for place in self._of(username) if place.member.token_id not in keep]
        for place in ended:
            place.end()
        return len(ended)

    def is_to_tidy(self, team: str) -> bool:
        """Tell, once, that killed requests left something where now none is running any more."""
        is_busy = any(place.team == team for place in self._places)
        if is_busy or team not in self._untidy:
            return False
        self._untidy.discard(team)
        return True

    def _of(self, username: str) -> list[Place]:
        return [place for place in self._places if place.member.username == username]

    def _fits(self, person_id: int) -> bool:
        mine = sum(place.member.person_id == person_id for place in self._places)
        return len(self._places) < MAX_IN_ALL and mine < MAX_PER_PERSON

    async def _wait_for(self, place: Place) -> None:
        person_id = place.member.person_id
        waiting = self._waiting.get(person_id, 0)
        if waiting >= MAX_WAITING_PER_PERSON:
            raise NoTurnError(f"{waiting} of your git requests are waiting already")
        self._waiting[person_id] = waiting + 1
        try:
            async with asyncio.timeout(WAIT_S), self._changed:
                await self._changed.wait_for(lambda: self._fits(person_id))
                self._places.add(place)  # at once: those who wait with it must see it
        except TimeoutError:
            raise NoTurnError(f"no turn came within {WAIT_S:g} s") from None
        finally:
            self._waiting[person_id] -= 1
            if not self._waiting[person_id]:
                del self._waiting[person_id]
