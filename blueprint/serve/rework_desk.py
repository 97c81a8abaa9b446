"""The side of the desk where corrections are worked on; submissions themselves stay untouched."""

from datetime import timedelta

from blueprint.desk.port import Keep
from blueprint.desk.ticket import Hold
from blueprint.ledger import rework
from blueprint.ledger.holds import ASK_AGAIN_S
from blueprint.ledger.leases import LEASE_S, RENEW_S
from blueprint.ledger.outcomes import AttemptFault, LostLease, Result
from blueprint.ledger.rework import Fit, Rework
from blueprint.ledger.submissions import Submission, get
from blueprint.platform import Platform


class ReworkDesk:
    """What `LedgerDesk` asks about holds whose work is not `judge`. Safe to share."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def lease(self, worker: str, fit: Fit) -> Rework | None:
        """Return the evaluation that waits longest, of those that the worker can do."""
        now = self._platform.clock()
        return rework.acquire_rework(self._platform.database, worker, now, fit)

    def held_by(self, worker: str) -> list[Rework]:
        """Return what a worker has on paper."""
        return rework.reworks_held_by(self._platform.database, worker)

    def keep(self, hold: Hold, note: str | None) -> Keep:
        """Renew the lease when a minute of it is gone."""
        database, now = self._platform.database, self._platform.clock()
        until = rework.rework_held_until(database, hold)
        if until is None:
            return "withdrawn"
        is_due = now >= until - timedelta(seconds=LEASE_S - RENEW_S)
        if (is_due or note is not None) and not rework.renew_rework(database, hold, now, note):
            return "withdrawn"
        return "renewed"

    def demand_held(self, hold: Hold) -> Submission:
        """Return the submission whose evaluation is made anew.

        Raises:
            LostLease: The work is another's by now, or is not wanted any more.
        """
        if rework.rework_held_until(self._platform.database, hold) is None:
            raise LostLease(f"submission {hold.submission_id} is not worked on by {hold.worker}")
        return get(self._platform.database, hold.submission_id)

    def fail(self, hold: Hold, fault: AttemptFault) -> None:
        """End the attempt with a fault."""
        rework.fail_rework(self._platform.database, hold, fault, self._platform.clock())

    def dataset_of(self, hold: Hold) -> str:
        """Return the digest of the dataset that the work is on.

        Raises:
            LostLease: The work is another's by now, or is not wanted any more.
        """
        return rework.dataset_of_rework(self._platform.database, hold)

    def put_off(self, hold: Hold, *, others: bool) -> None:
        """Put the work back, as the files are not those of its correction.

        Args:
            hold: The work.
            others: Other hosts may have these files: they can take it at once.
        """
        again_at = self._platform.clock() + timedelta(seconds=ASK_AGAIN_S)
        is_anybodys = others and hold.work == "rejudge"
        rework.put_rework_off(self._platform.database, hold, None if is_anybodys else again_at)

    def record(self, hold: Hold, result: Result, *, host: str) -> None:
        """Write the scores down, once, and on whose disk the predictions lie."""
        database, now = self._platform.database, self._platform.clock()
        if not rework.is_rework_done(database, hold):
            rework.finish_rework(database, hold, result, now, host=host)
