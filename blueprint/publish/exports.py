"""Writes the boards for programs: leaderboard.json and leaderboard.csv."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime

from blueprint.clock import to_text
from blueprint.config.model import Challenge
from blueprint.publish import wording
from blueprint.publish.board import FORMAT, Board, Placing, latest_result_at
from blueprint.publish.columns import definition, missing_words
from blueprint.publish.names import formula_safe, visible
from blueprint.rank.rank_sets import LEVEL


def render_json(challenge: Challenge, boards: Sequence[Board]) -> str:
    """Return leaderboard.json (docs/explanation/ranking.md describes it)."""
    about = challenge.challenge
    latest = latest_result_at(boards)
    document = {
        "leaderboard": FORMAT,
        "challenge": {"id": about.id, "title": about.title, "notice": about.notice},
        "latest_result_at": to_text(latest) if latest else None,
        "boards": [_board_json(board) for board in boards],
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def render_csv(boards: Sequence[Board]) -> str:
    """Return leaderboard.csv: one line a row of any phase, means with full precision."""
    names = list(dict.fromkeys(column.csv_name for board in boards for column in board.columns))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([
        "phase", "task", "rank", "rank_set_low", "rank_set_high", "team", "team_name", "mean_rank",
        *names, "cases", "missing_cases", "kind", "submission", "submitted_at",
        "standing",
    ])  # fmt: skip
    for board in boards:
        for row in board.rows:
            means = {
                column.csv_name: repr(spread.mean)
                for column, spread in zip(board.columns, row.spreads, strict=True)
            }
            writer.writerow([
                board.phase.id, board.task.id, "" if row.rank is None else f"{row.rank:g}",
                *(row.rank_set or ("", "")), row.team, formula_safe(row.team_name),
                "" if row.deciding is None else repr(row.deciding),
                *(means.get(name, "") for name in names), row.cases, row.missing, row.kind,
                row.submission, to_text(row.submitted_at), row.team_standing,
            ])  # fmt: skip
    return stream.getvalue()


def _board_json(board: Board) -> dict[str, object]:
    task, published = board.task, board.visibility.publication
    return {
        "phase": board.phase.id,
        "task": task.id,
        "cases": board.phase.cases,
        "opens": to_text(board.phase.opens),
        "closes": to_text(board.phase.closes),
        "status": board.status,
        "visible": board.visible,
        "visible_from": _moment(board.visibility.opens),
        "published_at": _moment(published.published_at if published else None),
        "case_count": board.cases,
        "unit": task.cases.unit,
        "columns": [
            {"metric": c.of.metric, "region": c.of.region, "title": c.title, "unit": c.unit,
             "decimals": c.decimals, "higher_is_better": c.higher_is_better}
            for c in board.columns
        ],
        "regions": [
            {"name": region.name, "title": task.region_title(region.name),
             "labels": list(region.labels)}
            for region in task.judged
        ],
        "metrics": {metric.id: definition(metric, task) for metric in task.metrics},
        "missing": missing_words(task),
        "ignored_values": list(task.ignore),
        "ranking": {
            "name": task.ranking if isinstance(task.ranking, str) else "steps",
            "steps": wording.scheme_words(task.ranking),
            "shows": board.phase.board.show,
        },
        "rank_sets": None if board.separated_pairs is None else {
            "level": LEVEL, "separated_pairs": board.separated_pairs, "pairs": board.pairs,
            "bootstrap": task.uncertainty.bootstrap, "seed": task.uncertainty.seed,
        },
        "statements": [*filter(None, [wording.state_words(board)]), *wording.evidence_words(board)],
        "latest_result_at": to_text(board.latest_result_at) if board.latest_result_at else None,
        "set_aside": list(board.set_aside),
        "corrections": [
            {"at": to_text(one.at), "reason": visible(one.reason)} for one in board.corrections
        ],
        "rows": [_row_json(board, row) for row in board.rows],
    }  # fmt: skip


def _row_json(board: Board, row: Placing) -> dict[str, object]:
    rank = row.rank
    return {
        "rank": int(rank) if rank is not None and rank.is_integer() else rank,
        "rank_set": list(row.rank_set) if row.rank_set else None,
        "team": row.team,
        "team_name": visible(row.team_name),
        "standing": row.team_standing,
        "mean_rank": row.deciding,
        "scores": [
            {
                "metric": column.of.metric, "region": column.of.region,
                "mean": spread.mean, "median": spread.quartiles[1],
                "low": spread.values[0], "high": spread.values[-1],
            }
            for column, spread in zip(board.columns, row.spreads, strict=True)
        ],
        "cases": row.cases,
        "missing_cases": row.missing,
        "kind": row.kind,
        "submission": row.submission,
        "scored_submissions": row.scored,
        "submitted_at": to_text(row.submitted_at),
        "first_share": row.frequencies[0] if row.frequencies else None,
    }  # fmt: skip


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else to_text(moment)
