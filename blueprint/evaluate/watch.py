"""Keeps an attempt's lease alive while it works, and learns when it should stop."""

from collections.abc import Callable
from threading import Event
from typing import Literal

from blueprint.clock import monotonic_s
from blueprint.desk.port import Desk, DeskUnreachableError
from blueprint.desk.ticket import Ticket
from blueprint.errors import BlueprintError

_LOOKED_EVERY_S = 1.0
Reason = Literal["withdrawn", "stopping"]


class StoppedError(BlueprintError):
    """The attempt should not go on; the watch's `reason` says why."""


class Watch:
    """Asked often, it asks the desk once a second, and hands over what is new in the log.

    `reason` is None as long as the attempt may go on; then `withdrawn` (it was cancelled, or
    another worker has the lease: the desk knows which) or `stopping` (the worker or the platform
    ends). A desk that does not answer is no reason before the lease has run out.
    """

    def __init__(self, desk: Desk, ticket: Ticket, stopping: Event, log: Callable[[], str]) -> None:
        self._desk = desk
        self._ticket = ticket
        self._stopping = stopping
        self._log = log
        self._told = ""
        self._kept_s = monotonic_s()
        self._looked_s = float("-inf")
        self.reason: Reason | None = None

    def is_stopped(self) -> bool:
        """Tell whether the attempt should end."""
        now_s = monotonic_s()
        if self.reason is None and self._stopping.is_set():
            self.reason = "stopping"
        if self.reason is None and now_s - self._looked_s >= _LOOKED_EVERY_S:
            self._looked_s = now_s
            self._look(now_s)
        return self.reason is not None

    def keep_going(self) -> None:
        """Return as long as the attempt may go on.

        Raises:
            StoppedError: It should end.
        """
        if self.is_stopped():
            raise StoppedError(f"the attempt should end: {self.reason}")

    def _look(self, now_s: float) -> None:
        log = self._log()
        try:
            said = self._desk.keep(self._ticket.hold, log=log if log != self._told else None)
        except DeskUnreachableError:
            if now_s - self._kept_s >= self._ticket.lease_s:
                self.reason = "withdrawn"
            return
        self._kept_s, self._told = now_s, log
        if said != "renewed":
            self.reason = said
