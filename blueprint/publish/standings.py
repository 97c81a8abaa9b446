"""Turns scored submissions into boards: a pure function of the rows and the challenge."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from blueprint.config.model import Challenge, Metric, Phase
from blueprint.config.schedule import Status
from blueprint.evaluations.sets import InForce
from blueprint.evaluations.terms import Place
from blueprint.people.team_standings import BESIDE
from blueprint.publish.board import Board, Placing, Scored, Spread
from blueprint.publish.columns import ScoreColumn, columns_of
from blueprint.publish.visibility import Visibilities
from blueprint.rank.rank_sets import LEAST_UNITS, rank_sets
from blueprint.rank.scheme import Scheme, scheme_of
from blueprint.rank.stability import rank_frequencies
from blueprint.rank.table import ScoreTable


def make_boards(
    challenge: Challenge,
    rows: Iterable[Scored],
    statuses: Mapping[str, Status],
    *,
    shown: Visibilities,
    in_force: Mapping[Place, InForce] = MappingProxyType({}),
) -> tuple[Board, ...]:
    """Return one board a phase, in the order of challenge.yaml.

    Args:
        challenge: The challenge in force.
        rows: Scored submissions; those of hidden phases are not looked at.
        statuses: Whether each phase is upcoming, open or closed.
        shown: Whether each phase's board is. All that depends on time is in these two.
        in_force: By task and split what results are made and ranked by, where that is frozen;
            else the challenge says it.
    """
    by_phase: dict[str, list[Scored]] = defaultdict(list)
    for row in rows:
        by_phase[row.phase].append(row)
    return tuple(
        _make_board(
            Board(
                frozen.board_of(phase),
                task,
                statuses[phase.id],
                columns_of(task),
                shown[phase.id],
                corrections=frozen.corrections,
            ),
            by_phase[phase.id],
        )
        for phase in challenge.phases
        for frozen in (in_force.get((phase.task, phase.cases), InForce()),)
        for task in (frozen.apply_to(challenge.task(phase.task)),)
    )


def _make_board(board: Board, rows: Sequence[Scored]) -> Board:
    phase, task, columns = board.phase, board.task, board.columns
    if not board.visible or not rows:
        return board
    cases = _cases_in_force(rows, columns)
    comparable = [row for row in rows if _covers(row, columns, cases)]
    known = {row.submission for row in comparable}
    scheme = scheme_of(task.ranking, one_metric=len(_metric_ids(task.metrics)) == 1)
    competing = [row for row in comparable if row.team_standing == "competing"]
    chosen, others = _choose(competing, phase, scheme, columns, cases)
    # Ranks are made of the competing teams alone: nobody's changes with a baseline.
    out_of_it = [row for row in comparable if row.team_standing in BESIDE]
    beside, _ = _choose(out_of_it, phase, scheme, columns, cases)
    counts = {team: len(items) for team, items in _by_team(comparable).items()}
    board = replace(
        board,
        cases=len(cases),
        beside=tuple(_standing(row, columns, cases, counts) for row in beside),
        listed=tuple(_standing(row, columns, cases, counts) for row in others),
        set_aside=tuple(row.submission for row in rows if row.submission not in known),
        latest_result_at=max(row.recorded_at for row in rows),
    )
    return _ranked(board, scheme, chosen, cases, counts) if chosen else board


def _ranked(
    board: Board,
    scheme: Scheme,
    rows: Sequence[Scored],
    cases: Sequence[str],
    counts: Mapping[str, int],
) -> Board:
    table = _table(rows, board.columns, cases)
    averages = scheme.per_case(table).mean(axis=1)
    ranks, deciding = scheme.ranks(averages), scheme.deciding(averages)
    uncertainty = board.task.uncertainty
    draws = uncertainty.bootstrap
    sets, shares = None, None
    if len(rows) > 1 and len(cases) >= LEAST_UNITS:
        first, second = (_generator(uncertainty.seed, stream) for stream in (0, 1))
        sets = rank_sets(table, scheme, draws=draws, generator=first)
        shares = rank_frequencies(table, scheme, draws=draws, generator=second)
    standings = [
        replace(
            _standing(row, board.columns, cases, counts),
            rank=float(ranks[index]),
            deciding=float(deciding[index]) if scheme.decides_by_rank else None,
            rank_set=(sets.low[index], sets.high[index]) if sets else None,
            frequencies=tuple(shares[index].tolist()) if shares is not None else None,
        )
        for index, row in enumerate(rows)
    ]
    standings.sort(key=lambda standing: (standing.rank, standing.submitted_at, standing.team))
    separated = sets.separated_pairs if sets else None
    return replace(board, standings=tuple(standings), separated_pairs=separated)


def _choose(
    rows: Sequence[Scored],
    phase: Phase,
    scheme: Scheme,
    columns: Sequence[ScoreColumn],
    cases: Sequence[str],
) -> tuple[list[Scored], list[Scored]]:
    """Return the one submission of every team that is ranked, and those that are only listed."""
    ranked: list[Scored] = []
    listed: list[Scored] = []
    for team_rows in _by_team(rows).values():
        if phase.board.show == "latest":
            choice = max(team_rows, key=lambda row: (row.received_at, row.submission))
        else:
            choice = _best(team_rows, scheme, columns, cases)
        ranked.append(choice)
        if phase.board.show == "all":
            listed += [row for row in team_rows if row is not choice]
    return ranked, listed


def _best(
    rows: Sequence[Scored], scheme: Scheme, columns: Sequence[ScoreColumn], cases: Sequence[str]
) -> Scored:
    """Return the submission that comes first among a team's own; of equals, the earliest.

    Only the team's own submissions are compared, so that no other team's push changes which
    one stands for it.
    """
    if len(rows) == 1:
        return rows[0]
    ranks = scheme.ranks(scheme.per_case(_table(rows, columns, cases)).mean(axis=1))
    order = sorted(
        range(len(rows)), key=lambda i: (ranks[i], rows[i].received_at, rows[i].submission)
    )
    return rows[order[0]]


def _cases_in_force(rows: Sequence[Scored], columns: Sequence[ScoreColumn]) -> tuple[str, ...]:
    """Return the cases of the latest result that has every column; others must match it."""
    for row in sorted(rows, key=lambda row: (row.recorded_at, row.submission), reverse=True):
        cases = tuple(sorted(row.values.get(columns[0].of, ())))
        if cases and _covers(row, columns, cases):
            return cases
    return ()


def _covers(row: Scored, columns: Sequence[ScoreColumn], cases: Sequence[str]) -> bool:
    known = [row.values.get(column.of, {}) for column in columns]
    return bool(cases) and all(
        values.keys() == set(cases) and bool(np.isfinite(list(values.values())).all())
        for values in known
    )


def _table(
    rows: Sequence[Scored], columns: Sequence[ScoreColumn], cases: Sequence[str]
) -> ScoreTable:
    values = np.array(
        [[[row.values[c.of][case] for c in columns] for case in cases] for row in rows],
        dtype=np.float64,
    )
    return ScoreTable(
        teams=tuple(row.team for row in rows),
        cases=tuple(cases),
        columns=tuple(column.of for column in columns),
        values=values,
        higher_is_better=tuple(column.higher_is_better for column in columns),
    )


def _standing(
    row: Scored, columns: Sequence[ScoreColumn], cases: Sequence[str], counts: Mapping[str, int]
) -> Placing:
    spreads = [
        Spread(
            tuple(sorted(row.values[column.of].values())),
            tuple(sorted(row.values[column.of][case] for case in row.missing)),
        )
        for column in columns
    ]
    return Placing(
        team=row.team,
        team_name=row.team_name,
        submission=row.submission,
        kind=row.kind,
        submitted_at=row.received_at,
        cases=len(cases),
        missing=len(row.missing),
        scored=counts[row.team],
        spreads=tuple(spreads),
        team_standing=row.team_standing,
    )


def _by_team(rows: Iterable[Scored]) -> dict[str, list[Scored]]:
    teams: dict[str, list[Scored]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.team, row.submission)):
        teams[row.team].append(row)
    return teams


def _metric_ids(metrics: Iterable[Metric]) -> set[str]:
    return {metric.id for metric in metrics}


def _generator(seed: int, stream: int) -> np.random.Generator:
    """Return the generator of a seed from challenge.yaml: one stream for each purpose."""
    return np.random.Generator(np.random.PCG64([seed, stream]))
