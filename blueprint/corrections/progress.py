"""How far the work on corrections is, and which of it waits for an evaluation host that is gone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from blueprint.corrections.plan import Selection
from blueprint.database.schema import evaluations, submissions
from blueprint.errors import BlueprintError
from blueprint.evaluations.sets import is_under, pending_sets, sets_in_force
from blueprint.evaluations.terms import Place
from blueprint.ledger.hosts import EMBEDDED
from blueprint.ledger.rework import OTHER_FILES, Kind
from blueprint.platform import Platform
from blueprint.serve.evaluators import Evaluator, absence_of, evaluators_of
from blueprint.serve.runner_address import noted_runner

_SHOWN = 8


@dataclass(frozen=True)
class Progress:
    """How many evaluations of a correction are done, failed, and left to do."""

    done: int
    failed: int
    left: int
    stuck: tuple[str, ...] = ()
    """Why what is left cannot go on now, a sentence each; empty while any of it can."""

    @property
    def words(self) -> str:
        """`12 of 100 scored again, 1 failed`."""
        total = self.done + self.failed + self.left
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.done} of {total} scored again{failed}"


@dataclass(frozen=True)
class Stranded:
    """Submissions whose kept predictions a correction needs, on a host that is not there."""

    host: str
    words: str
    """How the host stands, to be read after its name."""
    submissions: tuple[int, ...]

    def __str__(self) -> str:
        """`gpu-2 (stopped 2026-11-21T20:00:00Z) keeps the predictions of submission 3`."""
        return f"{self.host} ({self.words}) keeps the predictions of {_some(self.submissions)}"


def progress_of(
    platform: Platform,
    places: Collection[Place],
    selection: Selection,
    *,
    kinds: Collection[Kind],
    is_platform_up: bool,
) -> Progress:
    """Return how far the corrections of some splits are, for the submissions that are meant.

    Args:
        platform: The deployment.
        places: The splits.
        selection: Which submissions are meant.
        kinds: What is waited for: `rescore` alone, or what must run again, too.
        is_platform_up: Whether a platform runs, which evaluation hosts ask.

    Raises:
        BlueprintError: The files were changed again, so that the work cannot end.
    """
    evaluators = evaluators_of(platform, platform.clock())
    with platform.database.read() as connection:
        rows = [
            row
            for place, one in pending_sets(connection).items()
            if place in places
            for row in _rows(connection, is_under(one.terms), selection)
            if row.kind in kinds or row.state in ("done", "failed")
        ]
    left = [row for row in rows if row.state in ("waiting", "running")]
    _demand_same_files(left, evaluators)
    count = {state: sum(row.state == state for row in rows) for state in ("done", "failed")}
    is_for_hosts = noted_runner(platform.state) is not None
    reasons = [_why_stuck(row, evaluators, is_platform_up, is_for_hosts) for row in left]
    stuck = _in_words(left, reasons) if all(reasons) else ()
    return Progress(count["done"], count["failed"], len(left), stuck)


def stranded(platform: Platform, evaluators: Mapping[str, Evaluator]) -> tuple[Stranded, ...]:
    """Return whose predictions corrections wait for, on hosts that are not there.

    What is run again on another host is waited for no more.
    """
    found: dict[str, list[int]] = {}
    with platform.database.read() as connection:
        in_force = sets_in_force(connection)
        for place, one in pending_sets(connection).items():
            settled = select(evaluations.c.submission_id).where(
                is_under(one.terms),
                (evaluations.c.state == "done") | (evaluations.c.kind == "rejudge"),
            )
            query = select(evaluations.c.submission_id, evaluations.c.host).where(
                is_under(in_force[place].terms),
                evaluations.c.state == "done",
                evaluations.c.submission_id.not_in(settled),
            )
            for number, host in connection.execute(query.order_by(evaluations.c.submission_id)):
                if absence_of(evaluators, host):
                    found.setdefault(host, []).append(number)
    return tuple(
        Stranded(host, absence_of(evaluators, host), tuple(numbers))
        for host, numbers in sorted(found.items())
    )


def _rows(connection: Connection, condition: Any, selection: Selection) -> Sequence[Any]:  # noqa: ANN401
    query = (
        select(evaluations.c.submission_id, evaluations.c.state, evaluations.c.kind,
               evaluations.c.host, evaluations.c.note, evaluations.c.dataset_digest)
        .join(submissions, submissions.c.id == evaluations.c.submission_id)
        .where(condition)
    )  # fmt: skip
    if selection.phase is not None:
        query = query.where(submissions.c.phase == selection.phase)
    if selection.submission is not None:
        query = query.where(submissions.c.id == selection.submission)
    return connection.execute(query.order_by(submissions.c.id)).all()


def _demand_same_files(left: Sequence[Any], evaluators: Mapping[str, Evaluator]) -> None:
    """Refuse to wait for files that nobody has."""
    if not left or any(row.note != OTHER_FILES for row in left):
        return
    wanted = {row.dataset_digest for row in left}
    others = [one.name for one in evaluators.values() if wanted & set(one.other_data)]
    if others:
        raise BlueprintError(
            f"{', '.join(others)}: the test data there are not those of the correction",
            hint="bring them there: the work goes on by itself; the leaderboard is as it was",
        )
    raise BlueprintError(
        "the files were changed again since the correction was begun",
        hint="give the command again to begin with the files of now; the leaderboard is as it was",
    )


def _why_stuck(
    row: Any,  # noqa: ANN401
    evaluators: Mapping[str, Evaluator],
    is_platform_up: bool,
    is_for_hosts: bool,
) -> str:
    """Return why one evaluation cannot go on now; empty where it can."""
    if row.kind == "rescore" and row.host not in (None, EMBEDDED):
        away = absence_of(evaluators, row.host)
        if away:
            return f"{row.host} ({away}) keeps the predictions of"
        is_asked = is_platform_up and is_for_hosts
        return "" if is_asked else f"no platform runs that answers {row.host}, which keeps"
    if row.kind == "rejudge" and is_platform_up and is_for_hosts:
        any_here = any(one.is_here for one in evaluators.values())
        return "" if any_here else "no evaluation host is there to run"
    return ""


def _in_words(left: Iterable[Any], reasons: Iterable[str]) -> tuple[str, ...]:
    by: dict[str, list[int]] = {}
    for row, reason in zip(left, reasons, strict=True):
        by.setdefault(reason, []).append(row.submission_id)
    return tuple(f"{reason} {_some(numbers)}" for reason, numbers in sorted(by.items()))


def _some(numbers: Sequence[int]) -> str:
    listed = ", ".join(str(number) for number in numbers[:_SHOWN])
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"submission {listed}{more}"
