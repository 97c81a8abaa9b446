"""One entry in the catalogue and one function are a metric: every part takes it up from there."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from blueprint.resources import package_folder

ROOT = package_folder().parent


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the parts make of the metric in toy.py, which is in no catalogue but that one's."""
    argv = [sys.executable, str(Path(__file__).with_name("toy.py")),
            str(tmp_path_factory.mktemp("toy"))]  # fmt: skip
    done = subprocess.run(
        argv, check=True, capture_output=True, env={"PYTHONPATH": str(ROOT)}, timeout=120
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_check_knows_its_parameter(seen):
    where = "challenge.yaml:11:64: tasks[0].metrics[1]"
    assert seen["typo"] == (
        f"{where}.kap: unknown key; did you mean 'cap'?\n"
        "  hint: the keys here are id, labels, cap, unit"
    )
    assert "tasks[0].metrics[1].cap: 10 is too large: at most 9\n" in seen["too large"]
    assert seen["schema"]["maximum"] == 9


def test_explain_says_its_default_and_why(seen):
    (line,) = seen["explained"]

    assert line.split() == ["tasks[0].metrics[1].cap:", "9", "#", "one", "outlier", "is", "enough"]


def test_it_is_scored_with_its_parameter_and_its_policies(seen):
    values = {(metric, region): cases for metric, region, cases in seen["values"]}

    assert values["volume-error", "1"] == {"case-1": 5.0, "case-2": 9.0}
    assert values["volume-error", "2"] == {"case-1": 2.0, "case-2": 0.0}
    # Case 1: 2 x 1 / 5 for grey and 2 x 1 / 3 for white; case 2 finds neither.
    assert values["dice", "mean"] == pytest.approx({"case-1": (2 / 5 + 2 / 3) / 2, "case-2": 0.0})


def test_it_is_a_column_of_the_board_and_of_both_exports(seen):
    columns = [(c["metric"], c["region"], c["title"], c["unit"]) for c in seen["json"]["columns"]]
    assert columns[1:] == [
        ("volume-error", "1", "Volume error, grey matter", "mm3"),
        ("volume-error", "2", "Volume error, white matter", "mm3"),
    ]
    scores = [(s["metric"], s["region"], s["mean"]) for s in seen["json"]["rows"][0]["scores"]]
    assert scores[1:] == [("volume-error", "1", 7.0), ("volume-error", "2", 1.0)]
    head, row = (line.split(",") for line in seen["csv"].splitlines())
    assert dict(zip(head, row, strict=True))["volume-error_mm3_1"] == "7.0"


def test_pages_say_what_it_is_and_draw_it_within_its_bounds(seen):
    html = seen["html"]

    assert "Volume error, grey matter (mm3)<small>lower is better</small>" in html
    assert "Difference of the two volumes, at most 5 mm3. Lower is better;" in html
    assert (
        "Both masks empty: 0 mm3. Reference mask empty: 9 mm3. Submitted mask empty: 0 mm3." in html
    )
    assert "it counts with the worst value (Dice 0 and Volume error 9 mm3)." in html
    assert 'id="only-volume-error-2-t">Volume error, white matter (mm3) on every case<' in html
    assert "## Volume error\n" in seen["reference"]
