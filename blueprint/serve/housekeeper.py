"""Merges the packs of repositories now and then, and tries hopeless ones ever more seldom."""

import logging
from datetime import datetime, timedelta
from typing import Protocol

from blueprint.errors import ToolError
from blueprint.people.teams import list_teams
from blueprint.platform import Platform

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=20), timedelta(days=2)
_log = logging.getLogger(__name__)


class Tidied(Protocol):
    """Repositories that can be tidied."""

    def tidy(self, team: str) -> bool:
        """Merge a team's packs where these are many; True when it was done.

        Raises:
            ToolError: It could not be done, at some cost.
        """


class Housekeeper:
    """Looks at every team's repository; used by one thread."""

    def __init__(self, platform: Platform, repositories: Tidied) -> None:
        self._platform = platform
        self._repositories = repositories
        self._later: dict[str, tuple[datetime, timedelta]] = {}
        """Team -> when to try again after a failure, and the pause after that."""

    def step(self) -> bool:
        """Tidy what is due; False, as nothing is left to do at once."""
        for team in list_teams(self._platform.database):
            now = self._platform.clock()
            at, pause = self._later.get(team.slug, (now, _FIRST_PAUSE))
            # A clock that was ahead must not put it off for longer than the pause.
            if now < at <= now + pause:
                continue
            try:
                if self._repositories.tidy(team.slug):
                    _log.info("the packs of %s were merged", team.slug)
                self._later.pop(team.slug, None)
            except ToolError as error:
                self._later[team.slug] = (now + pause, min(2 * pause, _LONGEST_PAUSE))
                _log.warning("%s; tried again in %s", error, pause)
        return False
