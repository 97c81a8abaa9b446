"""Which submission stands for a team, on which cases, and what is never shown."""

from typing import Any

import pytest

from blueprint.config.schedule import phase_status
from blueprint.metrics.measures import Column
from blueprint.publish.board import Board
from blueprint.publish.columns import definition
from blueprint.publish.site import read_boards


def boards_of(stage: Any) -> tuple[Board, ...]:
    statuses = {p.id: phase_status(p, stage.now) for p in stage.platform.challenge.phases}
    return read_boards(stage.platform, statuses, stage.now)


def teams_and_ranks(board: Board) -> list[tuple[str, float | None]]:
    return [(row.team, row.rank) for row in board.standings]


def flat(dice: float, hd95: float, cases: int = 6) -> dict[str, list[float]]:
    return {"dice": [dice] * cases, "hd95": [hd95] * cases}


def test_teams_stand_in_order_of_their_ranks(stage):
    stage.score("slow", flat(0.5, 9.0))
    stage.score("good", flat(0.9, 2.0))
    stage.score("fair", flat(0.7, 4.0))

    board, final = boards_of(stage)

    assert teams_and_ranks(board) == [("good", 1.0), ("fair", 2.0), ("slow", 3.0)]
    assert [row.rank_set for row in board.standings] == [(1, 1), (2, 2), (3, 3)]
    assert board.separated_pairs == board.pairs == 3
    assert (board.status, final.status) == ("open", "upcoming")
    assert final.standings == ()


def test_equal_teams_share_a_rank_and_the_earlier_is_listed_first(stage):
    stage.score("second", flat(0.8, 3.0))
    stage.score("first", flat(0.8, 3.0))

    board, _ = boards_of(stage)

    assert teams_and_ranks(board) == [("second", 1.0), ("first", 1.0)]
    assert [row.rank_set for row in board.standings] == [(1, 2), (1, 2)]


def test_the_best_submission_is_the_one_that_beats_the_teams_own_others(stage):
    stage.score("a", flat(0.7, 5.0))
    best = stage.score("a", flat(0.8, 4.0))
    stage.score("a", flat(0.6, 6.0))

    board, _ = boards_of(stage)

    assert [(row.submission, row.scored) for row in board.standings] == [(best, 3)]


def test_of_equal_submissions_the_earliest_stands(stage):
    first = stage.score("a", flat(0.7, 5.0))
    stage.score("a", flat(0.7, 5.0))

    board, _ = boards_of(stage)

    assert board.standings[0].submission == first


def test_latest_shows_the_latest_even_when_it_is_worse(make_stage):
    stage = make_stage(phase={"board": {"show": "latest"}})
    stage.score("a", flat(0.9, 1.0))
    latest = stage.score("a", flat(0.1, 50.0))

    board, _ = boards_of(stage)

    assert [row.submission for row in board.standings] == [latest]


def test_all_lists_every_submission_and_ranks_each_team_once(make_stage):
    stage = make_stage(phase={"board": {"show": "all"}})
    worse = stage.score("a", flat(0.6, 5.0))
    better = stage.score("a", flat(0.9, 2.0))
    other = stage.score("b", flat(0.8, 3.0))

    board, _ = boards_of(stage)

    assert [(row.submission, row.rank) for row in board.standings] == [(better, 1.0), (other, 2.0)]
    assert [(row.submission, row.rank) for row in board.listed] == [(worse, None)]


def test_a_hidden_phase_is_not_even_read(make_stage):
    stage = make_stage(phase={"board": {"visible": "hidden"}})
    stage.score("a", flat(0.9, 1.0))

    board, _ = boards_of(stage)

    assert not board.visible
    assert (board.cases, board.standings, board.latest_result_at) == (0, (), None)


@pytest.mark.parametrize("state", ["received", "predicting", "failed", "cancelled"])
def test_only_scored_submissions_stand(stage, state):
    stage.score("a", flat(0.9, 1.0), state=state)

    board, _ = boards_of(stage)

    assert board.standings == ()


def test_results_on_other_cases_than_the_latest_are_set_aside(stage):
    old = stage.score("old", flat(0.9, 1.0, cases=5))
    stage.score("new", flat(0.5, 5.0, cases=6))

    board, _ = boards_of(stage)

    assert [row.team for row in board.standings] == ["new"]
    assert board.set_aside == (old,)


def test_results_without_a_configured_column_are_set_aside(stage):
    stage.score("whole", flat(0.9, 1.0))
    partial = stage.score("partial", {"dice": [0.9] * 6})

    board, _ = boards_of(stage)

    assert [row.team for row in board.standings] == ["whole"]
    assert board.set_aside == (partial,)


def test_a_missing_case_counts_with_its_worst_value_and_is_counted(stage):
    stage.score("a", {"dice": [0.9, 0.0, 0.9], "hd95": [1.0, 80.0, 3.0]}, missing=[1])

    row = boards_of(stage)[0].standings[0]

    assert (row.cases, row.missing) == (3, 1)
    # (0.9 + 0 + 0.9) / 3 and (1 + 80 + 3) / 3.
    assert [spread.mean for spread in row.spreads] == pytest.approx([0.6, 28.0])
    assert [spread.missing for spread in row.spreads] == [(0.0,), (80.0,)]


def test_separate_labels_are_columns_of_their_own(make_stage):
    stage = make_stage(task={"metrics": [{"id": "dice", "labels": "separate"}]})
    stage.score("a", {Column("dice", "1"): [0.9] * 6, Column("dice", "2"): [0.7] * 6})

    board, _ = boards_of(stage)

    assert [(*c.of, c.title) for c in board.columns] == [
        ("dice", "1", "Dice, grey matter"), ("dice", "2", "Dice, white matter"),
    ]  # fmt: skip
    assert [spread.mean for spread in board.standings[0].spreads] == pytest.approx([0.9, 0.7])


def test_named_regions_are_columns_and_their_labels_are_not(make_stage):
    task = {
        "regions": {"whole-brain": [1, 2], "white": [2]},
        "metrics": [{"id": "dice", "labels": "separate"}, {"id": "iou"}],
    }
    stage = make_stage(task=task)
    stage.score(
        "a",
        {Column("dice", "whole-brain"): [0.9] * 6, Column("dice", "white"): [0.7] * 6,
         "iou": [0.5] * 6},
    )  # fmt: skip

    board, _ = boards_of(stage)

    assert [column.name for column in board.columns] == [
        "Dice, whole brain", "Dice, white", "IoU",
    ]  # fmt: skip
    assert [spread.mean for spread in board.standings[0].spreads] == pytest.approx([0.9, 0.7, 0.5])
    listed = "(whole brain: grey matter and white matter; white: white matter)"
    dice, iou = (definition(metric, board.task) for metric in board.task.metrics)
    assert f"each region {listed} is a column of its own" in dice
    assert f"a case's value is the mean over its regions {listed}" in iou


def test_below_six_cases_there_are_ranks_but_no_sets(stage):
    stage.score("a", flat(0.9, 1.0, cases=5))
    stage.score("b", flat(0.1, 9.0, cases=5))

    board, _ = boards_of(stage)

    assert [row.rank for row in board.standings] == [1.0, 2.0]
    assert board.separated_pairs is None
    assert all(row.rank_set is None and row.frequencies is None for row in board.standings)


def test_one_team_has_a_rank_and_no_set(stage):
    stage.score("a", flat(0.9, 1.0))

    board, _ = boards_of(stage)

    assert [(row.rank, row.rank_set) for row in board.standings] == [(1.0, None)]


def test_a_seed_of_the_challenge_decides_every_draw(make_stage):
    def frequencies(seed: int) -> list[tuple[float, ...] | None]:
        stage = make_stage(task={"uncertainty": {"bootstrap": 100, "seed": seed}})
        for number in range(4):
            wobble = [0.5 + 0.01 * ((7 * case + 3 * number) % 11) for case in range(12)]
            stage.score(f"t{number}", {"dice": wobble, "hd95": [1.0] * 12})
        return [row.frequencies for row in boards_of(stage)[0].standings]

    assert frequencies(1) == frequencies(1)
    assert frequencies(1) != frequencies(2)
