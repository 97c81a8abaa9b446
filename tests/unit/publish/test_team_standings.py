"""What a team's standing does to the board: ranks, marks, and what is not shown."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import update

from blueprint.database.schema import teams
from blueprint.ledger.submissions import get
from blueprint.publish.board import Placing
from blueprint.publish.exports import render_csv, render_json
from blueprint.publish.places import place_of
from tests.unit.publish.test_standings import boards_of

# Means of six cases each, so that ranks and rank sets are made: a is best, then b, then c.
SCORES = {
    "a": [0.95, 0.94, 0.93, 0.95, 0.96, 0.94],
    "b": [0.85, 0.84, 0.83, 0.85, 0.86, 0.84],
    "c": [0.75, 0.74, 0.73, 0.75, 0.76, 0.74],
}


@pytest.fixture
def three(stage):
    for team, dice in SCORES.items():
        stage.score(team, {"dice": dice, "hd95": [1.0] * 6})
    return stage


def stand(stage: Any, team: str, standing: str) -> None:
    values = {"standing": standing, "standing_reason": "said so", "standing_since": stage.now}
    with stage.platform.database.write() as connection:
        connection.execute(update(teams).where(teams.c.slug == team).values(values))


def ranks(rows: Sequence[Placing]) -> list[tuple[str, float | None]]:
    return [(row.team, row.rank) for row in rows]


def test_three_competing_teams_are_ranked(three):
    board = boards_of(three)[0]

    assert ranks(board.rows) == [("a", 1.0), ("b", 2.0), ("c", 3.0)]
    assert board.beside == ()


@pytest.mark.parametrize("standing", ["baseline", "organizer"])
def test_a_baseline_is_shown_without_rank_and_the_others_move_up(three, standing):
    stand(three, "a", standing)

    board = boards_of(three)[0]

    assert ranks(board.rows) == [("b", 1.0), ("c", 2.0), ("a", None)]
    assert [row.team_standing for row in board.rows] == ["competing", "competing", standing]
    # Everything about ranks is made of the two that compete: pairs, sets, shares.
    assert board.pairs == 1
    assert {len(row.frequencies or ()) for row in board.standings} == {2}


@pytest.mark.parametrize("standing", ["withdrawn", "disqualified"])
def test_a_team_that_is_out_is_nowhere_on_the_board_and_comes_back_whole(three, standing):
    before = boards_of(three)[0]
    stand(three, "a", standing)

    out = boards_of(three)[0]
    stand(three, "a", "competing")

    assert ranks(out.rows) == [("b", 1.0), ("c", 2.0)]
    assert "0.95" not in render_csv([out])
    assert boards_of(three)[0] == before


def test_the_exports_say_who_competes(three):
    stand(three, "a", "baseline")
    boards = boards_of(three)

    rows = json.loads(render_json(three.platform.challenge, boards))["boards"][0]["rows"]
    lines = list(csv.DictReader(io.StringIO(render_csv(boards))))

    assert [(row["team"], row["rank"], row["standing"]) for row in rows] == [
        ("b", 1, "competing"), ("c", 2, "competing"), ("a", None, "baseline"),
    ]  # fmt: skip
    assert [(line["team"], line["rank"], line["standing"]) for line in lines] == [
        ("b", "1", "competing"), ("c", "2", "competing"), ("a", "", "baseline"),
    ]  # fmt: skip


def test_a_board_of_baselines_alone_is_shown(three):
    for team in SCORES:
        stand(three, team, "baseline")

    board = boards_of(three)[0]

    assert board.standings == ()
    assert len(board.rows) == 3


def test_the_page_of_a_submission_says_why_it_is_not_on_the_board(three):
    stand(three, "a", "disqualified")

    told = place_of(three.platform, get(three.platform.database, 1), three.now)

    assert told.startswith("Your team was disqualified on 15 June 2027, 12:00 UTC: said so.")
