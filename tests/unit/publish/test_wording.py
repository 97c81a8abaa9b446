"""The sentences that say what the data can and cannot tell."""

from typing import Any

import pytest

from blueprint.config.model import RankStep
from blueprint.config.schedule import phase_status
from blueprint.publish.board import Board
from blueprint.publish.site import read_boards
from blueprint.publish.wording import (
    evidence_words,
    ignored_words,
    list_text,
    phase_title,
    rank_text,
    scheme_words,
    set_text,
    state_words,
)


def first_board(stage: Any) -> Board:
    statuses = {p.id: phase_status(p, stage.now) for p in stage.platform.challenge.phases}
    return read_boards(stage.platform, statuses, stage.now)[0]


def fill(stage: Any, scores: dict[str, float], cases: int) -> None:
    for team, score in scores.items():
        stage.score(team, {"dice": [score] * cases, "hd95": [1 - score] * cases})


def test_equal_teams_are_said_to_be_inseparable(stage):
    fill(stage, {"a": 0.5, "b": 0.5, "c": 0.5}, cases=20)

    (sentence,) = evidence_words(first_board(stage))

    assert sentence == (
        "These data cannot separate any two teams: every order of the 3 teams is compatible with "
        "the 20 cases at 95 % confidence."
    )


def test_few_cases_are_named(stage):
    fill(stage, {"a": 0.9, "b": 0.5}, cases=8)

    separation, caution = evidence_words(first_board(stage))

    assert separation == "The data separate all 2 teams: at 95 % confidence this is their order."
    assert caution == (
        "There are only 8 cases. With fewer than 20, a single unusual case can move the ranks: "
        "read them as a first impression."
    )


def test_below_six_cases_nothing_is_separated(stage):
    fill(stage, {"a": 0.9, "b": 0.5}, cases=3)

    separation, caution = evidence_words(first_board(stage))

    assert separation == "3 cases cannot tell these 2 teams apart."
    assert caution == (
        "With fewer than 6 cases even a clean sweep could be chance, so there are no rank sets: "
        "only the scores and their spread are shown."
    )


def test_an_open_first_place_names_who_may_hold_it(stage):
    fill(stage, {"a": 0.9, "b": 0.9, "c": 0.5}, cases=20)

    (sentence,) = evidence_words(first_board(stage))

    assert sentence == (
        "The data separate 2 of the 3 pairs of teams at 95 % confidence; first place is open "
        "between a and b."
    )


def test_a_certain_winner_is_named(stage):
    fill(stage, {"a": 0.5, "b": 0.5, "c": 0.9}, cases=20)

    assert "first place is certain for c." in evidence_words(first_board(stage))[0]


def test_one_team_has_nobody_to_be_compared_with(stage):
    fill(stage, {"a": 0.5}, cases=20)

    assert evidence_words(first_board(stage)) == [
        "One team has a result so far: there is no other to compare it with."
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "No submission has been scored yet."),
        (
            {"opens": "2027-07-01"},
            "This phase has not opened yet: there are no results.",
        ),
        ({"closes": "2027-06-02"}, "This phase is closed. No submission was scored in it."),
        (
            {"board": {"visible": "hidden"}},
            "The results of this phase are kept back until the organizers publish them.",
        ),
    ],
)
def test_an_empty_board_says_why(make_stage, changes, sentence):
    assert state_words(first_board(make_stage(phase=changes))) == sentence


def test_presets_are_told_step_by_step():
    first, second, third = scheme_words("per-case-ranks")

    assert first == (
        "Within each case and metric, the teams are ranked, 1 is best; equal teams share the mean "
        "of their ranks."
    )
    assert second == "The ranks are averaged over cases and metrics."
    assert third == "The teams are ranked, 1 is best; equal teams share the best of their ranks."
    assert scheme_words("mean-of-ranks")[0] == "The scores are averaged over cases."
    assert scheme_words((RankStep(op="mean", over=("metric",)),)) == [
        "The scores are averaged over metrics."
    ]


def test_the_page_says_which_voxels_no_metric_looks_at():
    assert ignored_words(()) is None
    assert ignored_words((255, 7)) == (
        "Voxels whose value in the reference is 7 or 255 are left out of every metric: whatever "
        "a submission says there neither helps nor harms it."
    )


def test_lists_ranks_and_titles_read_as_english():
    assert list_text([]) == ""
    assert list_text(["a"]) == "a"
    assert list_text(["a", "b", "c"]) == "a, b and c"
    assert list_text(list("abcdefgh"), at_most=4) == "a, b, c and 5 more"
    assert (rank_text(2.0), rank_text(2.5), rank_text(None)) == ("2", "2.5", "\N{EN DASH}")
    assert (set_text((1, 1)), set_text((1, 3))) == ("1", "1\N{EN DASH}3")
    assert phase_title("preliminary") == "Preliminary phase"
    assert phase_title("second-round") == "Second round"
