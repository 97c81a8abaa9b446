"""Renders the boards as a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment

from blueprint.publish import wording
from blueprint.publish.board import Board, Placing, latest_result_at
from blueprint.publish.columns import definition, metric_title, missing_words
from blueprint.publish.plots import Figure, board_figures

_MATRIX_AT_MOST = 10
"""With more teams than this the stability table keeps its two telling columns."""


@dataclass(frozen=True)
class Cell:
    """One share of the stability table."""

    text: str
    own: bool


@dataclass(frozen=True)
class StabilityRow:
    """One team of the stability table."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Stability:
    """How often each team had each rank when the cases were drawn again."""

    head: tuple[str, ...]
    rows: tuple[StabilityRow, ...]


@dataclass(frozen=True)
class MetricText:
    """A metric and its definition in words."""

    title: str
    text: str


@dataclass(frozen=True)
class BoardView:
    """A board with everything that its section of the page says."""

    board: Board
    published: str | None
    state: str | None
    evidence: list[str]
    shown: str
    of_words: str
    scheme: list[str]
    missing: str
    ignored: str | None
    draws: str
    is_drawn: bool
    metrics: list[MetricText]
    plots: list[Figure]
    stability: Stability | None
    has_deciding: bool


def render_html(
    environment: Environment, boards: Sequence[Board], frame: Mapping[str, object]
) -> str:
    """Return leaderboard.html; `frame` is what base.html needs."""
    views = [_view(board) for board in boards]
    template = environment.get_template("leaderboard.html")
    return template.render(views=views, latest=latest_result_at(boards), **frame)


def _view(board: Board) -> BoardView:
    task = board.task
    draws = task.uncertainty.bootstrap
    patterns = 2 ** max(board.cases - 1, 0)
    tried = f"{draws} random" if patterns > draws else f"all {patterns}"
    return BoardView(
        board=board,
        published=wording.published_words(board),
        state=wording.state_words(board),
        evidence=wording.evidence_words(board),
        shown=wording.shown_words(board.phase.board),
        of_words="latest of" if board.phase.board.show == "latest" else "best of",
        scheme=wording.scheme_words(task.ranking),
        missing=missing_words(task),
        ignored=wording.ignored_words(task.ignore),
        draws=f"{tried} patterns of signs",
        is_drawn=patterns > draws,
        metrics=[
            MetricText(metric_title(metric), definition(metric, task)) for metric in task.metrics
        ],
        plots=board_figures(board) if board.standings else [],
        stability=_stability(board.standings),
        has_deciding=any(row.deciding is not None for row in board.standings),
    )  # fmt: skip


def _stability(standings: Sequence[Placing]) -> Stability | None:
    if not any(row.frequencies for row in standings):
        return None
    count = len(standings)
    wide = count <= _MATRIX_AT_MOST
    head = tuple(f"rank {n}" for n in range(1, count + 1)) if wide else ("first", "own rank")
    rows = []
    for row in standings:
        shares = row.frequencies or (0.0,) * count
        own = int(row.rank or 1) - 1
        picked = range(count) if wide else (0, own)
        cells = tuple(
            Cell(_percent(shares[place]), own=place == own and (wide or index == 1))
            for index, place in enumerate(picked)
        )
        rows.append(StabilityRow(row.team_name, cells))
    return Stability(head, tuple(rows))


def _percent(share: float) -> str:
    if 0 < share < 0.01:  # noqa: PLR2004  # one percent
        return "< 1 %"
    return f"{100 * share:.0f} %"
