"""What publishing a correction would change: who moves, by how much, on which cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from blueprint.config.model import Challenge
from blueprint.evaluations.sets import (
    EvaluationSet,
    InForce,
    is_under,
    sets_in_force,
)
from blueprint.evaluations.terms import Terms
from blueprint.metrics.measures import Column
from blueprint.publish.board import Board, Placing, Scored
from blueprint.publish.rows import read_scored
from blueprint.publish.standings import make_boards
from blueprint.publish.visibility import Visibility


@dataclass(frozen=True)
class Value:
    """One value before and after; None where there is none."""

    name: str
    """The column, as the board calls it."""
    before: float | None
    after: float | None


@dataclass(frozen=True)
class CaseValue:
    """One value of one case that is not what it was."""

    case: str
    column: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class TeamDifference:
    """What changes for a team."""

    team: str
    team_name: str
    rank_before: float | None
    rank_after: float | None
    submission_before: int | None
    """The submission that stands for the team."""
    submission_after: int | None
    means: tuple[Value, ...]
    cases: tuple[CaseValue, ...]
    """Of the submission that stands for the team after it."""

    @property
    def is_moved(self) -> bool:
        """Whether the team's rank changes."""
        return self.rank_before != self.rank_after

    @property
    def is_changed(self) -> bool:
        """Whether anything changes for the team."""
        same = all(value.before == value.after for value in self.means)
        return self.is_moved or bool(self.cases) or not same


@dataclass(frozen=True)
class PhaseDifference:
    """What changes in a phase."""

    phase: str
    teams: tuple[TeamDifference, ...]
    """In the order of the ranks after it."""


def difference_of(
    connection: Connection, challenge: Challenge, correction: EvaluationSet
) -> tuple[PhaseDifference, ...]:
    """Return what publishing a correction now would change, phase by phase.

    Args:
        connection: One snapshot.
        challenge: The challenge in force.
        correction: A pending set; what it does not hold yet is missing after it.
    """
    in_force = sets_in_force(connection)[correction.place].terms
    phases = tuple(
        phase for phase in challenge.phases if (phase.task, phase.cases) == correction.place
    )
    here = challenge.model_copy(update={"phases": phases})
    before, after = (_read(connection, here, terms) for terms in (in_force, correction.terms))
    return tuple(
        _of_phase(old, new, before.rows, after.rows)
        for old, new in zip(before.boards, after.boards, strict=True)
    )


@dataclass(frozen=True)
class _Read:
    boards: tuple[Board, ...]
    rows: Mapping[int, Scored]


def _read(connection: Connection, challenge: Challenge, terms: Terms) -> _Read:
    phases = [phase.id for phase in challenge.phases]
    rows = read_scored(
        connection, challenge=challenge.challenge.id, phases=phases, made=is_under(terms)
    )
    boards = make_boards(
        challenge,
        rows,
        dict.fromkeys(phases, "open"),
        shown=dict.fromkeys(phases, Visibility(is_shown=True)),  # for the organizers' eyes
        in_force={terms.place: InForce(terms)},
    )
    return _Read(boards, {row.submission: row for row in rows})


def _of_phase(
    old: Board, new: Board, before: Mapping[int, Scored], after: Mapping[int, Scored]
) -> PhaseDifference:
    was = {row.team: row for row in old.standings}
    now = {row.team: row for row in new.standings}
    teams = [
        _of_team(was.get(team), now.get(team), old, new, before, after)
        for team in [*now, *(team for team in was if team not in now)]
    ]
    return PhaseDifference(old.phase.id, tuple(teams))


def _of_team(  # noqa: PLR0917 (each thing twice, before and after)
    was: Placing | None,
    now: Placing | None,
    old: Board,
    new: Board,
    before: Mapping[int, Scored],
    after: Mapping[int, Scored],
) -> TeamDifference:
    some = now or was
    if some is None:
        raise ValueError("a team stands on one board at least")
    return TeamDifference(
        team=some.team,
        team_name=some.team_name,
        rank_before=was.rank if was else None,
        rank_after=now.rank if now else None,
        submission_before=was.submission if was else None,
        submission_after=now.submission if now else None,
        means=_means(was, now, old, new),
        cases=_cases(before.get(some.submission), after.get(some.submission), new),
    )


def _means(was: Placing | None, now: Placing | None, old: Board, new: Board) -> tuple[Value, ...]:
    before, after = _by_column(was, old), _by_column(now, new)
    names = {column.of: column.name for column in (*old.columns, *new.columns)}
    return tuple(Value(name, before.get(of), after.get(of)) for of, name in names.items())


def _by_column(row: Placing | None, board: Board) -> dict[Column, float]:
    if row is None:
        return {}
    pairs = zip(board.columns, row.spreads, strict=True)
    return {column.of: spread.mean for column, spread in pairs}


def _cases(before: Scored | None, after: Scored | None, board: Board) -> tuple[CaseValue, ...]:
    """Return the values of one submission that differ, case by case."""
    found: list[CaseValue] = []
    for column in board.columns:
        old = before.values.get(column.of, {}) if before else {}
        new = after.values.get(column.of, {}) if after else {}
        found += [
            CaseValue(case, column.name, old.get(case), new.get(case))
            for case in sorted({*old, *new})
            if old.get(case) != new.get(case)
        ]
    return tuple(sorted(found, key=lambda one: one.case))


def moved(phases: Sequence[PhaseDifference]) -> int:
    """Return how many teams change their rank."""
    return sum(team.is_moved for phase in phases for team in phase.teams)
