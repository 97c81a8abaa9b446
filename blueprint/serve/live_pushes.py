"""Knows which teams' pushes are running, so that what one of them reserved is not taken back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from blueprint.ledger.submissions import Submission


class LivePushes:
    """The pushes that run through this process's gateway.

    Counted on the event loop, and asked from the sweeper's thread.
    """

    def __init__(self, since: datetime) -> None:
        """Begin to count; of pushes that began before `since` nothing is known."""
        self._since = since
        self._running: Counter[str] = Counter()

    @contextmanager
    def running(self, team: str) -> Iterator[None]:
        """Count a push of the team for as long as the block runs."""
        self._running[team] += 1
        try:
            yield
        finally:
            self._running[team] -= 1

    def is_pushed(self, submission: Submission) -> bool | None:
        """Tell whether the push of a reservation may be running; None when it is not known."""
        if self._running[submission.team_slug] > 0:
            return True
        return False if submission.state_since >= self._since else None
