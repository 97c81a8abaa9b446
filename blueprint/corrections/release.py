"""Puts a correction in force, in one step, or ends it without."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from blueprint import audit
from blueprint.corrections.difference import PhaseDifference, difference_of
from blueprint.corrections.holdings import Holdings
from blueprint.database.schema import evaluations
from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.evaluations.sets import (
    SETS,
    EvaluationSet,
    abandon,
    is_under,
    list_sets,
    sets_in_force,
    switch,
)
from blueprint.platform import Platform

_MAX_REASON = 500


@dataclass(frozen=True)
class Coverage:
    """How far a correction is."""

    correction: EvaluationSet
    counts: Mapping[str, int]
    """Its evaluations by state."""
    missing: tuple[int, ...]
    """Submissions whose result is in force and that have no new one yet."""
    failed: Mapping[int, str]
    """Submissions that could not be evaluated, with the reason."""

    @property
    def is_complete(self) -> bool:
        """Whether every result in force has its successor."""
        return not self.missing


@dataclass(frozen=True)
class Published:
    """A correction that was put in force."""

    correction: int
    task: str
    split: str
    reason: str
    at: datetime
    difference: tuple[PhaseDifference, ...]


def coverage_of(connection: Connection, correction: EvaluationSet) -> Coverage:
    """Return how far a pending correction is."""
    mine = is_under(correction.terms)
    count = select(evaluations.c.state, func.count()).where(mine).group_by(evaluations.c.state)
    in_force = sets_in_force(connection)[correction.place].terms
    done = evaluations.c.state == "done"
    had = set(_submissions(connection, done & is_under(in_force)))
    has = set(_submissions(connection, done & mine))
    failed = select(evaluations.c.submission_id, evaluations.c.fault_message).where(
        mine, evaluations.c.state == "failed"
    )
    return Coverage(
        correction,
        {row[0]: int(row[1]) for row in connection.execute(count)},
        tuple(sorted(had - has)),
        {row[0]: row[1] or "" for row in connection.execute(failed)},
    )


def pending(platform: Platform) -> tuple[Coverage, ...]:
    """Return the corrections that are under way."""
    with platform.database.read() as connection:
        return tuple(coverage_of(connection, one) for one in list_sets(connection, "pending"))


def publish(
    platform: Platform, *, reason: str, by: str, without: Collection[int] = ()
) -> tuple[Published, ...]:
    """Put all corrections that are under way in force, in one transaction.

    Args:
        platform: The deployment.
        reason: For the page and the audit log.
        by: Who does it.
        without: Submissions that are left without a result, on purpose and on the record.

    Raises:
        InputError: The reason is empty or too long; a correction is not complete; or the files
            were changed again since it was computed.
        NotFoundError: None is under way.
        ConflictError: Another one was begun, or its rules were changed, since it was looked at.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > _MAX_REASON:
        raise InputError(
            f"--reason: {'is empty' if not reason else f'is longer than {_MAX_REASON} characters'}",
            hint="say in a sentence what was corrected: it stands on the leaderboard's page",
        )
    _demand_data_unchanged(platform)
    with platform.database.read() as connection:
        found = list_sets(connection, "pending")
        if not found:
            raise _none()
        for one in found:
            demand_complete(coverage_of(connection, one), without)
        changes = [difference_of(connection, platform.challenge, one) for one in found]
    now = platform.clock()
    with platform.database.write(SETS) as connection:
        if list_sets(connection, "pending") != found:
            raise ConflictError(
                "a correction was begun or changed by somebody else; nothing was published",
                hint="look at all that would change: `diychallenge corrections show`",
            )
        done = []
        for one, difference in zip(found, changes, strict=True):
            # What was scored meanwhile is missing here, so that no difference is out of date.
            demand_complete(coverage_of(connection, one), without)
            done.append(_switch(connection, one, difference, reason, by, now, without))
    return tuple(done)


def give_up(platform: Platform, *, by: str) -> tuple[int, ...]:
    """End all corrections that are under way, and return their numbers; the board stays.

    Raises:
        NotFoundError: None is under way.
    """
    with platform.database.write(SETS) as connection:
        found = list_sets(connection, "pending")
        if not found:
            raise _none()
        abandon(connection, found, by, platform.clock())
    return tuple(one.id for one in found)


def demand_complete(coverage: Coverage, without: Collection[int]) -> None:
    """Refuse a correction that would drop somebody from the board.

    Raises:
        InputError: Results are missing that nobody named.
    """
    missing = [number for number in coverage.missing if number not in set(without)]
    if not missing:
        return
    task, split = coverage.correction.place
    failed = [number for number in missing if number in coverage.failed]
    waiting = len(missing) - len(failed)
    told = f"{task}/{split}: {waiting} submissions are not scored again yet" if waiting else ""
    hint = "`diychallenge rescore` goes on where it stopped; `diychallenge rejudge` runs the rest"
    if failed and not waiting:
        told = f"{task}/{split}: submission {failed[0]} could not be evaluated again: " + (
            coverage.failed[failed[0]] or "no reason was kept"
        )
        hint = (
            f"`diychallenge rejudge --submission {failed[0]}` tries again; `--without {failed[0]}`"
            " publishes without its result, which the audit log keeps"
        )
    raise InputError(told, hint=hint)


def _switch(  # noqa: PLR0917
    connection: Connection,
    one: EvaluationSet,
    difference: Sequence[PhaseDifference],
    reason: str,
    by: str,
    now: datetime,
    without: Collection[int],
) -> Published:
    document: dict[str, Any] = {"phases": [asdict(phase) for phase in difference]}
    if not switch(connection, one, reason=reason, by=by, now=now, difference=document):
        raise ConflictError(f"correction {one.id} is not under way any more; nothing was changed")
    detail = {
        "set": one.id, "reason": reason, "without": sorted(without),
        "dataset": one.terms.dataset_digest, "evaluator": one.terms.evaluator_digest,
        "moved": [team.team for phase in difference for team in phase.teams if team.is_moved],
    }  # fmt: skip
    audit.append(connection, now, by, "correction.published", "/".join(one.place), detail)
    return Published(one.id, *one.place, reason, now, tuple(difference))


def _demand_data_unchanged(platform: Platform) -> None:
    """Refuse what was computed with files that are not there any more."""
    holdings = Holdings(platform, platform.challenge)
    with platform.database.read() as connection:
        found = list_sets(connection, "pending")
    for one in found:
        task = platform.challenge.task(one.terms.task)
        known = holdings.take(task, one.terms.split)
        if known.dataset is None or known.dataset.digest != one.terms.dataset_digest:
            raise InputError(
                f"{'/'.join(one.place)}: "
                + (known.problem or "the files were changed again after the correction was begun"),
                hint="`diychallenge rescore` computes it for the files of now;"
                " `diychallenge corrections abandon` ends it",
            )


def _submissions(connection: Connection, condition: Any) -> list[int]:  # noqa: ANN401
    return list(connection.execute(select(evaluations.c.submission_id).where(condition)).scalars())


def _none() -> NotFoundError:
    return NotFoundError(
        "no correction is under way",
        hint="`diychallenge rescore` begins one where the data or the settings were edited",
    )
