"""The limits of a phase: judged and used up in the same transaction as the receipt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, func, select

from blueprint.clock import to_text
from blueprint.config.model import Limits, Phase
from blueprint.database.schema import submissions
from blueprint.ledger.states import JUDGED

_DAY = timedelta(hours=24)
_ENDED = submissions.c.finished_at
_RECEIVED: ColumnElement[datetime] = case(
    (submissions.c.received_at > _ENDED, _ENDED), else_=submissions.c.received_at
)
"""When a submission counts as received. Nothing ends before it comes: where it says so, the clock
was ahead as it came, and was right again when it ended (see `ledger.clock_steps`)."""


@dataclass(frozen=True)
class Exceeded:
    """A limit that is reached."""

    rule: str
    """A sentence for the participant."""
    next_at: datetime | None
    """When this limit lets the next one in; None: not by waiting, or not known."""


@dataclass(frozen=True)
class Usage:
    """What a team has used of a phase's limits at a moment."""

    limits: Limits
    today: Sequence[datetime]
    """When each submission of the last 24 hours was received, the oldest first."""
    total: int
    running: Sequence[int]
    """The numbers of the submissions that have not ended."""
    failed: Sequence[datetime]
    """When each failed by its own fault in the last 24 hours, the oldest first."""


def usage_of(
    connection: Connection, challenge: str, phase: Phase, team_id: int, now: datetime
) -> Usage:
    """Return what a team has used, as the caller's transaction sees it. Refunds do not count."""
    ours = (
        submissions.c.challenge == challenge,
        submissions.c.phase == phase.id,
        submissions.c.team_id == team_id,
    )
    counted = (*ours, submissions.c.refunded.is_(False))
    failed = (*counted, submissions.c.fault_class == "participant")
    total = connection.execute(select(func.count()).where(*counted)).scalar_one()
    running = select(submissions.c.id).where(*ours, submissions.c.state.not_in(JUDGED))
    return Usage(
        limits=phase.limits,
        today=_since(connection, _RECEIVED, counted, now),
        total=int(total),
        running=tuple(connection.execute(running.order_by(submissions.c.id)).scalars()),
        failed=_since(connection, submissions.c.finished_at, failed, now),
    )


def exceeded(usage: Usage) -> list[Exceeded]:
    """Return every limit that is reached, in the order in which the file names them."""
    return list(_exceeded(usage))


def left(usage: Usage) -> str:
    """Return what is left, in words; empty where nothing is limited by number."""
    limits, parts = usage.limits, []
    if limits.per_day is not None:
        parts.append(f"{max(0, limits.per_day - len(usage.today))} of {limits.per_day} in 24 hours")
    if limits.total is not None:
        parts.append(f"{max(0, limits.total - usage.total)} of {limits.total} in all")
    return ", ".join(parts)


def in_words(wait: timedelta) -> str:
    """Return a waiting time as `20 h 12 min`, rounded up to whole minutes."""
    minutes = -(-int(wait.total_seconds()) // 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{max(1, rest)} min"


def _exceeded(usage: Usage) -> Iterator[Exceeded]:
    limits = usage.limits
    if limits.per_day is not None and len(usage.today) >= limits.per_day:
        rule = f"the limit of {_many(limits.per_day, 'submission')} in 24 hours is reached"
        yield Exceeded(rule, _leaves(usage.today, limits.per_day))
    if limits.total is not None and usage.total >= limits.total:
        rule = f"the limit of {_many(limits.total, 'submission')} in all is reached"
        yield Exceeded(rule, None)
    if limits.concurrent is not None and len(usage.running) >= limits.concurrent:
        running = ", ".join(str(number) for number in usage.running)
        rule = f"the limit of {_many(limits.concurrent, 'submission')} at a time is reached"
        yield Exceeded(f"{rule}: {running} has not ended", None)
    if limits.failed_per_day is not None and len(usage.failed) >= limits.failed_per_day:
        rule = f"the limit of {_many(limits.failed_per_day, 'failure')} in 24 hours is reached"
        yield Exceeded(rule, _leaves(usage.failed, limits.failed_per_day))


def _since(
    connection: Connection,
    column: ColumnElement[datetime],
    conditions: Sequence[ColumnElement[bool]],
    now: datetime,
) -> tuple[datetime, ...]:
    moments = select(column).where(*conditions, column > now - _DAY).order_by(column)
    return tuple(connection.execute(moments).scalars())


def _leaves(moments: Sequence[datetime], limit: int) -> datetime:
    """Return when so many have left the window that one more is allowed, in whole seconds.

    With the limit at 3 and 4 in the window, the second-oldest has to leave.
    """
    leaves = moments[len(moments) - limit] + _DAY
    whole = leaves.replace(microsecond=0)
    return whole if whole == leaves else whole + timedelta(seconds=1)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def waiting_text(next_at: datetime, now: datetime) -> str:
    """Return when the next is allowed, and how long that is from now."""
    return f"the next is allowed at {to_text(next_at)}, in {in_words(next_at - now)}"
