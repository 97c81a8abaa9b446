"""Figures are sound XML that says in words what it shows."""

import math
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from blueprint.config.schedule import phase_status
from blueprint.metrics.specification import UNBOUNDED, Bounds
from blueprint.publish.axis import axis_of, rank_axis
from blueprint.publish.plots import Figure, board_figures
from blueprint.publish.site import read_boards

SVG = "{http://www.w3.org/2000/svg}"


def figures_of(stage: Any) -> list[Figure]:
    statuses = {p.id: phase_status(p, stage.now) for p in stage.platform.challenge.phases}
    return board_figures(read_boards(stage.platform, statuses, stage.now)[0])


def parsed(figure: Figure) -> ET.Element:
    text = str(figure.svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ET.fromstring(text)  # noqa: S314  # our own output


def wobble(level: float, cases: int = 12) -> list[float]:
    return [level + 0.01 * math.sin(7 * case) for case in range(cases)]


def test_a_figure_has_a_title_and_tells_every_teams_numbers(stage):
    stage.score("a", {"dice": wobble(0.9), "hd95": wobble(2.0)}, name="Alpha")
    stage.score("b", {"dice": wobble(0.5), "hd95": wobble(4.0)}, name="Beta")

    ranks, dice, hd95 = figures_of(stage)

    assert [f.title for f in (ranks, dice, hd95)] == [
        "Rank and 95 % rank set", "Dice on every case", "HD95 (mm) on every case",
    ]  # fmt: skip
    svg = parsed(dice)
    assert svg.get("role") == "img"
    ids = {element.get("id") for element in svg.iter()} - {None}
    assert set((svg.get("aria-labelledby") or "").split()) == ids
    described = svg.findtext(f"{SVG}desc") or ""
    assert described.startswith("Alpha: mean 0.90")
    assert "Beta: mean 0.50" in described
    assert "Alpha: rank 1, set 1; Beta: rank 2, set 2." in (
        parsed(ranks).findtext(f"{SVG}desc") or ""
    )


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '"><svg onload=x>', "&amp;", "W" * 80, "チーム" * 20, "\x00"],
    ids=["script", "breakout", "entity", "wide", "japanese", "nul"],
)
def test_a_hostile_name_stays_text(stage, name):
    stage.score("a", {"dice": wobble(0.9), "hd95": wobble(2.0)}, name=name)

    for figure in figures_of(stage):
        tags = {element.tag.removeprefix(SVG) for element in parsed(figure).iter()}
        assert tags <= {"svg", "title", "desc", "path", "rect", "text"}


def test_nothing_is_drawn_outside_the_picture(stage):
    # Names that long are cut; a distance of 300 mm beside 0.1 mm stretches the axis.
    stage.score("a", {"dice": [0.0, *wobble(0.95)], "hd95": [300.0, *wobble(0.1)]}, missing=[0])
    stage.score("b", {"dice": [1.0] * 13, "hd95": [0.0] * 13})

    for figure in figures_of(stage):
        for text in parsed(figure).iter(f"{SVG}text"):
            assert 0 <= float(text.get("x") or -1) <= 400


def test_missing_cases_are_crosses_and_the_key_says_so(stage):
    stage.score("a", {"dice": [0.0, 0.9], "hd95": [80.0, 1.0]}, missing=[0])

    assert all("Cross: missing case" in figure.caption for figure in figures_of(stage))


def test_very_many_values_are_drawn_as_lines_instead_of_dots(stage):
    for team in "abcd":
        stage.score(team, {"dice": wobble(0.5, 1600), "hd95": wobble(1.0, 1600)})

    dice = figures_of(stage)[1]

    assert "Thin line" in dice.caption
    assert len(dice.svg) < 10_000


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.62, 0.91], ["0.6", "0.7", "0.8", "0.9", "1.0"]),
        ([0.0, 300.0], ["0", "100", "200", "300"]),
        ([0.0, 0.0], ["0.000", "0.025", "0.050"]),
        ([1.0], ["0.950", "0.975", "1.000"]),
    ],
)
def test_ticks_are_round_and_stay_within_the_bounds(values, ticks):
    bounds = Bounds(0.0, 1.0 if max(values) <= 1 else None)
    axis = axis_of(values, left=0, right=100, bounds=bounds)

    assert [axis.text(tick) for tick in axis.ticks] == ticks
    assert all(0 <= axis.at(value) <= 100 for value in values)


def test_a_column_without_a_unit_lies_where_its_values_lie(stage):
    stage.score("a", {"dice": [-12.0, 40.0, 8.0], "hd95": [1.0, 2.0, 3.0]})
    statuses = {p.id: phase_status(p, stage.now) for p in stage.platform.challenge.phases}
    board = read_boards(stage.platform, statuses, stage.now)[0]
    unbounded = replace(board.columns[0], bounds=UNBOUNDED)

    figure = board_figures(replace(board, columns=(unbounded, board.columns[1])))[0]

    # Dice has no unit and ends at 1; a column without bounds has ticks beyond both ends.
    told = [text.text for text in parsed(figure).iter(f"{SVG}text")]
    assert told == ["-20", "0", "20", "40", "a"]


def test_many_ranks_are_labelled_at_round_numbers():
    axis = rank_axis(50, left=0, right=98)

    assert list(axis.ticks) == [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]
    assert (axis.at(1), axis.at(50)) == (0, 98)
