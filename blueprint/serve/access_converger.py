"""Makes every door what the database says of a person's access, again and again until it holds."""

import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from blueprint.clock import monotonic_s
from blueprint.people.access import Access, load_access, person_of_username
from blueprint.people.access_changes import forget_done, mark_done, open_changes, people_to_settle
from blueprint.platform import Platform
from blueprint.serve.health import Health

_SURVEY_S = 5.0
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_TIDY_S = 3_600.0
_log = logging.getLogger(__name__)


class AccessTarget(Protocol):
    """A place with doors of its own: what is open there follows the database, and never leads.

    Each method may raise anything: the target is down then, and is asked again later.
    """

    @property
    def name(self) -> str:
        """What people call it, for the log and `status`."""

    def apply(self, access: Access) -> None:
        """Make the person's doors what `access` says; a second call changes nothing."""

    def read_back(self, access: Access) -> str:
        """Return what is not as `access` says, in words; empty when it holds."""

    def usernames(self) -> Iterable[str]:
        """Return everybody for whom a door stands open here."""


class AccessConverger:
    """Reads the outbox and the doors that stand open; used by one thread.

    The changes say whom to look at, the database what is wanted: so their order does not matter,
    and one that was applied twice does no harm. Each few seconds everybody with a door open is
    looked at besides, which also finds what nobody noted.
    """

    def __init__(self, platform: Platform, targets: Sequence[AccessTarget], health: Health) -> None:
        self._platform = platform
        self._targets = targets
        self._health = health
        self._later: dict[int, tuple[float, float]] = {}
        """Person -> when to try again (monotonic), and the pause after that."""
        self._survey_at_s = 0.0
        self._tidy_at_s = 0.0

    def step(self) -> bool:
        """Settle everybody who is due; False, as nothing is left to do at once."""
        due = set(people_to_settle(self._platform.database)) | self._later.keys()
        now_s = monotonic_s()
        waiting = {who for who, (at_s, _) in self._later.items() if at_s > now_s}
        if now_s >= self._survey_at_s:
            self._survey_at_s = now_s + _SURVEY_S
            due |= self._with_open_doors()
        if now_s >= self._tidy_at_s:
            self._tidy_at_s = now_s + _TIDY_S
            forget_done(self._platform.database, self._platform.clock())
        for person_id in sorted(due - waiting):
            self._settle(person_id)
        if not self._later:
            self._health.clear("access")
        return False

    def _settle(self, person_id: int) -> None:
        platform = self._platform
        with platform.database.read() as connection:
            # The changes first: the access that is read after them is at least as new.
            changes = open_changes(connection, person_id)
            access = load_access(connection, platform.challenge, person_id)
        if access is None:
            self._later.pop(person_id, None)
            return
        faults = [fault for target in self._targets if (fault := _bring(target, access))]
        if faults:
            self._put_off(access, faults)
            return
        self._later.pop(person_id, None)
        if changes:
            mark_done(platform.database, changes, platform.clock())
            _log.info("access of %s: holds at every door", access.username)

    def _put_off(self, access: Access, faults: list[str]) -> None:
        _, pause_s = self._later.get(access.person_id, (0.0, _FIRST_PAUSE_S))
        next_pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        self._later[access.person_id] = (monotonic_s() + pause_s, next_pause_s)
        told = f"{access.username}: {'; '.join(faults)}"
        self._health.note("access", f"not in force yet for {told}")
        _log.warning("access of %s; tried again in %g s", told, pause_s)

    def _with_open_doors(self) -> set[int]:
        names: set[str] = set()
        self._health.clear("access survey")
        for target in self._targets:
            try:
                names.update(target.usernames())
            except Exception as error:  # noqa: BLE001  # it is down: the others are looked at
                told = f"{target.name} cannot be asked: {type(error).__name__}: {error}"
                self._health.note("access survey", told)
                _log.warning("%s", told)
        with self._platform.database.read() as connection:
            found = {person_of_username(connection, name) for name in names}
        return {person_id for person_id in found if person_id is not None}


def _bring(target: AccessTarget, access: Access) -> str:
    """Make one target what is wanted, and read it back; return what is wrong, empty if nothing."""
    try:
        if target.read_back(access):
            target.apply(access)
        left = target.read_back(access)
    except Exception as error:  # noqa: BLE001  # one target that is down must not keep the others
        left = f"{type(error).__name__}: {error}"
    return f"{target.name}: {left}" if left else ""
