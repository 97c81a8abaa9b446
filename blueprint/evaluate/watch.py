"""Keeps an attempt's lease alive while it works, and learns when it should stop."""

from threading import Event
from typing import Literal

from blueprint.clock import monotonic_s
from blueprint.errors import BlueprintError
from blueprint.ledger import leases
from blueprint.platform import Platform

_LOOKED_EVERY_S = 1.0
Reason = Literal["withdrawn", "stopping"]


class StoppedError(BlueprintError):
    """The attempt should not go on; the watch's `reason` says why."""


class Watch:
    """Asked often, it looks at the ledger once a second and renews the lease once a minute.

    `reason` is None as long as the attempt may go on; then `withdrawn` (it was cancelled, or
    another worker has the lease: the ledger knows which) or `stopping` (the platform ends).
    """

    def __init__(self, platform: Platform, lease: leases.Lease, stopping: Event) -> None:
        self._platform = platform
        self._lease = lease
        self._stopping = stopping
        self._renewed_s = monotonic_s()
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
        database = self._platform.database
        if leases.must_stop(database, self._lease):
            self.reason = "withdrawn"
        elif now_s - self._renewed_s >= leases.RENEW_S:
            self._renewed_s = now_s
            if not leases.renew(database, self._lease, self._platform.clock()):
                self.reason = "withdrawn"
