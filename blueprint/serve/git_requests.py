"""Gives git requests a turn each, a few at a time, and knows which are running for whom."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect

from blueprint.adapters.git_http import GitHttpBackend
from blueprint.serve.git_gate import Member, RefusedError

MAX_PER_PERSON = 4
MAX_IN_ALL = 32
MAX_WAITING_PER_PERSON = 64
WAIT_S = 90.0
"""Longer than it takes until those who send nothing are ended (`patience.PAUSE_S`)."""
REQUEST_S = 1_800.0
NOTHING_STORED = "refused: nothing was stored, and no quota was used."
_log = logging.getLogger(__name__)


class Place:
    """One request's place, first among those that wait and then among those that run."""

    def __init__(self, member: Member, team: str, time: asyncio.Timeout) -> None:
        self.member = member
        self.team = team
        self.is_running = False
        self.is_ended = False
        """True when the person's access ended while it had the place."""
        self.backend: GitHttpBackend | None = None
        self._time = time

    def end(self) -> None:
        """End what runs here, or is about to, at once."""
        if self.backend is not None:
            self.backend.kill()
        if not self.is_ended and not self._time.expired():
            self._time.reschedule(0)
        self.is_ended = True


class LiveRequests:
    """The requests that wait or run; used on the event loop only."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._changed = asyncio.Condition()
        self._untidy: set[str] = set()

    @asynccontextmanager
    async def turn(self, member: Member, team: str) -> AsyncIterator[Place]:
        """Wait for a place and hold it for as long as the block runs, half an hour at the most.

        A person has four at a time and everybody together 32: requests that come together stand
        in line, and nobody's line is in front of another person's.

        Raises:
            RefusedError: No turn came, or the person's access ended.
            ClientDisconnect: It had its time, or the client was too slow.
        """
        waiting = sum(not place.is_running for place in self._of(member.username))
        if waiting >= MAX_WAITING_PER_PERSON:
            raise _no_turn(member, f"{waiting} of your git requests are waiting already")
        time = asyncio.timeout(WAIT_S)
        place = Place(member, team, time)
        self._places.append(place)
        try:
            async with time:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._fits(member))
                    place.is_running = True  # at once: those who wait with it must see it
                time.reschedule(asyncio.get_running_loop().time() + REQUEST_S)
                yield place
        except TimeoutError:
            if place.is_ended:
                raise RefusedError(403, "refused: your access was withdrawn") from None
            if place.is_running:
                raise ClientDisconnect from None
            raise _no_turn(member, f"no turn came within {WAIT_S:g} s") from None
        finally:
            self._places.remove(place)
            if place.backend is not None and place.backend.was_killed:
                self._untidy.add(team)
            async with self._changed:
                self._changed.notify_all()

    def people(self) -> tuple[str, ...]:
        """Return the usernames of everyone with a request waiting or running."""
        return tuple({place.member.username for place in self._places})

    def tokens_of(self, username: str) -> frozenset[int]:
        """Return the ids of the tokens with which a person's requests came."""
        return frozenset(
            place.member.token_id for place in self._of(username) if not place.is_ended
        )

    def end(self, username: str, *, keep: Collection[int] = ()) -> int:
        """End a person's requests that came with other tokens than these; return how many."""
        ended = [place for place in self._of(username) if place.member.token_id not in keep]
        for place in ended:
            place.end()
        return len(ended)

    def is_to_tidy(self, team: str) -> bool:
        """Tell, once, that killed requests left something where now none is running any more."""
        is_busy = any(place.team == team and place.is_running for place in self._places)
        if is_busy or team not in self._untidy:
            return False
        self._untidy.discard(team)
        return True

    def _of(self, username: str) -> list[Place]:
        return [place for place in self._places if place.member.username == username]

    def _fits(self, member: Member) -> bool:
        running = [place.member.person_id for place in self._places if place.is_running]
        return len(running) < MAX_IN_ALL and running.count(member.person_id) < MAX_PER_PERSON


def _no_turn(member: Member, why: str) -> RefusedError:
    _log.warning("%s: a git request was refused, %s", member.username, why)
    text = f"refused: {why}; try again in a minute.\n{NOTHING_STORED}"
    return RefusedError(429, text, "try again in a minute")
