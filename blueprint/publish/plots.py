"""Draws the figures of a board: the rank sets, and every value of every team.

Shapes carry the meaning, so that print and every kind of colour vision show it. No value can
be matched to a case: the values of a team are drawn without the cases' names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from blueprint.publish import svg
from blueprint.publish.axis import Axis, axis_of, rank_axis
from blueprint.publish.board import Board, Placing, Spread
from blueprint.publish.names import shortened, visible
from blueprint.publish.wording import rank_text, set_text

_WIDTH, _LEFT, _RIGHT = 400, 150, 384
_TOP, _ROW, _FOOT = 6, 26, 30
_DOT, _LABEL_LETTERS = 5, 19
_DOTS_AT_MOST = 6000
_DESCRIBED = 12


@dataclass(frozen=True)
class Figure:
    """A drawing with its heading and the key to its marks."""

    title: str
    svg: Markup
    caption: str


def board_figures(board: Board) -> list[Figure]:
    """Return the figures of a board: rank sets where there are any, then one a column."""
    figures = [_rank_figure(board)] if board.separated_pairs is not None else []
    return figures + [_spread_figure(board, index) for index in range(len(board.columns))]


def _rank_figure(board: Board) -> Figure:
    rows = board.standings
    axis = rank_axis(len(rows), left=_LEFT + 8, right=_RIGHT)
    marks: list[str] = []
    for index, row in enumerate(rows):
        low, high = row.rank_set or (1, len(rows))
        y = _middle(index)
        ends = (axis.at(low), y), (axis.at(high), y)
        marks.append(svg.bar(*ends, stroke="#a9c4dc", width=9))
        marks.append(svg.dots([(axis.at(row.rank or 1), y)], fill=svg.INK, size=10))
    told = [
        f"{visible(row.team_name)}: rank {rank_text(row.rank)}, set {set_text(row.rank_set)}"
        for row in rows
    ]
    title = "Rank and 95 % rank set"
    drawn = _rows_drawing(f"{board.phase.id}-ranks", title, told, rows=rows, axis=axis, marks=marks)
    return Figure(title, drawn, "Dot: rank. Bar: the ranks that the data leave open.")


def _spread_figure(board: Board, index: int) -> Figure:
    column = board.columns[index]
    rows = board.standings
    spreads = [row.spreads[index] for row in rows]
    values = [value for spread in spreads for value in spread.values]
    axis = axis_of(values, left=_LEFT + 8, right=_RIGHT, bounds=column.bounds)
    dotted = len(values) <= _DOTS_AT_MOST
    marks = [
        mark
        for number, spread in enumerate(spreads)
        for mark in _spread_marks(spread, axis, _middle(number), dotted=dotted)
    ]
    told = [
        f"{visible(row.team_name)}: mean {column.text(spread.mean)}, median "
        f"{column.text(spread.quartiles[1])}, from {column.text(spread.values[0])} to "
        f"{column.text(spread.values[-1])}"
        for row, spread in zip(rows, spreads, strict=True)
    ]
    title = f"{column.name} on every case"
    drawn = _rows_drawing(
        f"{board.phase.id}-{column.slug}", title, told, rows=rows, axis=axis, marks=marks
    )
    key = ["Dot: one case." if dotted else "Thin line: lowest to highest case."]
    key += ["Box: the middle half.", "Bar: median.", "Diamond: mean."]
    if any(spread.missing for spread in spreads):
        key.append("Cross: missing case, at the worst value.")
    return Figure(title, drawn, " ".join(key))


def _spread_marks(spread: Spread, axis: Axis, y: float, *, dotted: bool) -> list[str]:
    low, median, high = (axis.at(value) for value in spread.quartiles)
    marks = [svg.box((low, y - 9), width=max(high - low, 1.0), height=18)]
    if dotted:
        measured = list(spread.values)
        for value in spread.missing:
            measured.remove(value)
        places = _spread_out(axis.at(value) for value in measured)
        marks.append(svg.dots(((x, y + up) for x, up in places), fill=svg.BLUE, size=_DOT))
    else:
        ends = (axis.at(spread.values[0]), y), (axis.at(spread.values[-1]), y)
        marks.append(svg.line(*ends, stroke=svg.SOFT, width=1))
    marks.append(svg.line((median, y - 9), (median, y + 9), stroke=svg.INK, width=3))
    marks.append(svg.diamond((axis.at(spread.mean), y), fill=svg.ORANGE))
    if spread.missing:
        places_of_missing = sorted({axis.at(value) for value in spread.missing})
        marks.append(svg.crosses(((x, y) for x in places_of_missing), stroke=svg.INK))
    return marks


def _spread_out(positions: Iterable[float]) -> list[tuple[float, float]]:
    """Return dots with an offset that keeps neighbours apart: 0, up, down, further up, ..."""
    last = dict.fromkeys((0.0, -4.0, 4.0, -7.0, 7.0), float("-inf"))
    placed: list[tuple[float, float]] = []
    for x in sorted(positions):
        free = (offset for offset, taken in last.items() if x - taken >= _DOT)
        offset = next(free, min(last, key=last.__getitem__))
        last[offset] = x
        placed.append((x, offset))
    return placed


def _rows_drawing(
    name: str,
    title: str,
    told: Sequence[str],
    *,
    rows: Sequence[Placing],
    axis: Axis,
    marks: Sequence[str],
) -> Markup:
    """Return a drawing with one row a team: labels on the left, ticks below, marks on top."""
    bottom = _TOP + _ROW * len(rows)
    if len(told) > _DESCRIBED:
        told = [*told[:_DESCRIBED], f"and {len(told) - _DESCRIBED} more teams, in the table"]
    parts: list[str] = []
    for tick in axis.ticks:
        x = axis.at(tick)
        parts.append(svg.line((x, _TOP), (x, bottom), stroke=svg.GRID, width=1))
        parts.append(svg.text((x, bottom + 20), axis.text(tick), anchor="middle", fill=svg.SOFT))
    for index, row in enumerate(rows):
        label = shortened(row.team_name, _LABEL_LETTERS)
        parts.append(svg.text((_LEFT - 6, _middle(index) + 4.5), label, anchor="end"))
    return svg.drawing(
        name,
        width=_WIDTH,
        height=bottom + _FOOT,
        title=title,
        described="; ".join(told) + ".",
        parts=[*parts, *marks],
    )


def _middle(index: int) -> float:
    return _TOP + _ROW * index + _ROW / 2
