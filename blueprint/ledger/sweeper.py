"""Finds what a lost message left behind: tags nobody confirmed, leases nobody renews."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from blueprint.database.connection import Database
from blueprint.database.schema import submissions
from blueprint.errors import BlueprintError
from blueprint.ledger.clock_steps import bound_moments
from blueprint.ledger.endings import end_cancelled, end_faulty, end_interrupted
from blueprint.ledger.outcomes import AttemptFault
from blueprint.ledger.reservations import MakeReceipt, confirm
from blueprint.ledger.rework_lost import give_back_overdue
from blueprint.ledger.states import JUDGED, State
from blueprint.ledger.submissions import Submission, load, load_held, query
from blueprint.ledger.withdrawals import withdraw

CONFIRM_WITHIN_S = 60
FindTag = Callable[[Submission], str | None]
"""Returns the submission tag (full ref) that holds the submission's commit in the repository."""
IsPushed = Callable[[Submission], bool | None]
"""Tells whether the push that made a reservation still runs; None when that cannot be known."""


@dataclass
class SweepReport:
    """The numbers of the submissions that a sweep settled."""

    confirmed: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    reinstated: list[int] = field(default_factory=list)
    """Confirmed after they had been taken back."""
    retried: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    given_back: list[int] = field(default_factory=list)
    """Evaluations of corrections whose worker was lost."""
    unpublished: list[int] = field(default_factory=list)
    """Scored, and on no published board yet."""
    problems: list[str] = field(default_factory=list)
    """What could not be settled this time."""

    @property
    def is_quiet(self) -> bool:
        """True when nothing had been left behind."""
        return not any(vars(self).values())

    def note(self, submission_id: int, state: State) -> None:
        """Add where a submission went."""
        lists = {"received": self.retried, "failed": self.failed, "cancelled": self.cancelled}
        lists[state].append(submission_id)


def sweep(
    database: Database,
    find_tag: FindTag,
    now: datetime,
    *,
    make_receipt: MakeReceipt,
    is_pushed: IsPushed = lambda _: None,
) -> SweepReport:
    """Settle what is overdue, and say what was done.

    A reservation is confirmed when its tag is there. Without one it stays while its push runs,
    and is taken back when the push has ended; where that cannot be known, after a minute.
    A lease that ran out is a fault of the platform ("lost"): tried again, or failed with refund.
    """
    report = SweepReport()
    reservations = _Reservations(database, find_tag, is_pushed, make_receipt, now)
    reservations.settle(report)
    bound_moments(database, now)
    _settle_leases(database, now, report)
    report.given_back = give_back_overdue(database, now)
    report.unpublished = _unpublished(database)
    return report


def release_all(
    database: Database,
    worker_prefix: str,
    now: datetime,
    *,
    except_for: Collection[int] = frozenset(),
) -> SweepReport:
    """Put everything that such workers hold back into the queue, as they are gone.

    For the start of a platform, before its workers begin, and for its end: what was cut off
    begins again as a new attempt, which uses up none of its retries. `except_for` are submissions
    whose programs still run and were adopted.
    """
    theirs = submissions.c.worker.startswith(worker_prefix, autoescape=True)
    return _release(database, theirs & submissions.c.id.not_in(sorted(except_for)), now)


def release_worker(database: Database, worker: str, now: datetime) -> SweepReport:
    """Put everything that one worker holds back into the queue, as `release_all` does."""
    return _release(database, submissions.c.worker == worker, now)


def _release(database: Database, is_theirs: ColumnElement[bool], now: datetime) -> SweepReport:
    report = SweepReport()
    with database.write() as connection:
        held = query().where(is_theirs, submissions.c.state.not_in(JUDGED))
        for submission in load_held(connection, held):
            report.note(submission.id, end_interrupted(connection, submission, now))
    return report


@dataclass(frozen=True)
class _Reservations:
    database: Database
    find_tag: FindTag
    is_pushed: IsPushed
    make_receipt: MakeReceipt
    now: datetime

    def settle(self, report: SweepReport) -> None:
        unconfirmed = query().where(
            submissions.c.confirmed_at.is_(None), submissions.c.state.not_in(JUDGED)
        )
        with self.database.read() as connection:
            reserved = load(connection, unconfirmed)
        for submission in reserved:
            # git is asked outside the transaction: it may be slow, and pushes must not wait for it.
            # Whether the push runs is asked first: once it has ended, its tag does not come later.
            may_come = self._may_come(submission)
            try:
                tag = self.find_tag(submission)
                if tag is not None or not may_come:
                    self._settle_one(submission, tag, report)
            except BlueprintError as error:
                report.problems.append(f"submission {submission.id}: {error}")

    def _may_come(self, submission: Submission) -> bool:
        is_pushed = self.is_pushed(submission)
        if is_pushed is not None:
            return is_pushed
        # Either way: a clock that was ahead must not keep a reservation for as long as it was.
        return abs(self.now - submission.state_since) < timedelta(seconds=CONFIRM_WITHIN_S)

    def _settle_one(self, submission: Submission, tag: str | None, report: SweepReport) -> None:
        # Alone with the team's pushes: what one of them has just looked at is not taken from it.
        with self.database.write(f"team {submission.team_slug}") as connection:
            if tag is None:
                if withdraw(connection, submission, self.now):
                    report.withdrawn.append(submission.id)
            elif confirm(connection, submission, tag, self.make_receipt, self.now):
                report.confirmed.append(submission.id)


def _settle_leases(database: Database, now: datetime, report: SweepReport) -> None:
    overdue = query().where(submissions.c.lease_until <= now, submissions.c.state.not_in(JUDGED))
    with database.read() as connection:
        if not load(connection, overdue):
            return
    lost = AttemptFault("platform", "lost", "the worker that ran it was lost")
    with database.write() as connection:
        for held in load_held(connection, overdue):
            if held.cancel_requested:
                report.note(held.id, end_cancelled(connection, held, now))
            else:
                report.note(held.id, end_faulty(connection, held, lost, now))


def _unpublished(database: Database) -> list[int]:
    scored = select(submissions.c.id).where(submissions.c.state == "scored")
    with database.read() as connection:
        return list(connection.execute(scored.order_by(submissions.c.id)).scalars())
