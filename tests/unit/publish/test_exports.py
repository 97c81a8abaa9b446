"""leaderboard.json and leaderboard.csv hold the same rows, safe for any program."""

import csv
import io
import json
from typing import Any

import pytest

from blueprint.config.schedule import phase_status
from blueprint.publish.exports import render_csv, render_json
from blueprint.publish.site import read_boards


def exports_of(stage: Any) -> tuple[Any, list[dict[str, str]]]:
    statuses = {p.id: phase_status(p, stage.now) for p in stage.platform.challenge.phases}
    boards = read_boards(stage.platform, statuses, stage.now)
    document = json.loads(render_json(stage.platform.challenge, boards))
    return document, list(csv.DictReader(io.StringIO(render_csv(boards))))


def test_json_and_csv_tell_the_same(stage):
    stage.score("good", {"dice": [0.9, 0.8] * 4, "hd95": [1.0, 2.0] * 4}, name="Good Team")
    stage.score("fair", {"dice": [0.7, 0.6] * 4, "hd95": [3.0, 4.0] * 4}, kind="predictions")

    document, lines = exports_of(stage)

    board = document["boards"][0]
    assert (board["phase"], board["status"], board["case_count"]) == ("preliminary", "open", 8)
    first = board["rows"][0]
    assert (first["rank"], first["rank_set"], first["team_name"]) == (1, [1, 1], "Good Team")
    assert [(s["metric"], s["region"]) for s in first["scores"]] == [
        ("dice", "mean"),
        ("hd95", "mean"),
    ]
    told = {key: first["scores"][0][key] for key in ("mean", "median", "low", "high")}
    assert told == pytest.approx({"mean": 0.85, "median": 0.85, "low": 0.8, "high": 0.9})
    assert len(lines) == len(board["rows"]) == 2
    assert (lines[0]["rank"], lines[0]["rank_set_low"], lines[0]["rank_set_high"]) == ("1",) * 3
    assert float(lines[0]["dice"]) == pytest.approx(0.85)
    assert float(lines[0]["hd95_mm"]) == pytest.approx(1.5)
    assert lines[1]["kind"] == "predictions"


@pytest.mark.parametrize(
    "name",
    [
        "=HYPERLINK(0)",
        "+1",
        "-1",
        "@SUM(A1)",
        "  =1+1",
        "\t=1",
        "\uff1dHYPERLINK(0)",
        "\uff0b1",
        "\uff0d1",
        "\uff20SUM(A1)",
        "\u3000\uff1d1",
        "\ufe661",
    ],
)
def test_no_team_name_is_a_formula_in_a_spreadsheet(stage, name):
    stage.score("a", {"dice": [0.9], "hd95": [1.0]}, name=name)

    _, lines = exports_of(stage)

    cell = lines[0]["team_name"]
    assert cell.lstrip()[0] not in "=+-@\uff1d\uff0b\uff0d\uff20\ufe66"


def test_names_with_commas_quotes_and_line_breaks_stay_in_their_cell(stage):
    stage.score("a", {"dice": [0.9], "hd95": [1.0]}, name='A, "B"\nC')

    _, lines = exports_of(stage)

    assert len(lines) == 1
    assert lines[0]["team_name"] == 'A, "B"\N{REPLACEMENT CHARACTER}C'


def test_a_hidden_phase_exports_nothing_but_that_it_is_hidden(make_stage):
    stage = make_stage(phase={"board": {"visible": "hidden"}})
    stage.score("secret-team", {"dice": [0.123456], "hd95": [1.0]})

    document, lines = exports_of(stage)

    assert lines == []
    assert document["boards"][0]["visible"] is False
    assert "secret-team" not in json.dumps(document)
    assert "0.123456" not in json.dumps(document)


def test_no_case_is_named(stage):
    stage.score("a", {"dice": [0.9, 0.8], "hd95": [1.0, 2.0]})

    assert "case-01" not in json.dumps(exports_of(stage))
