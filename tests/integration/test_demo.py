"""`make demo`: the whole walk on the real platform, run through the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.demo.walk import replace_folder
from blueprint.errors import InputError


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """One walk for all tests here: its folder and what was printed."""
    folder = tmp_path_factory.mktemp("demo") / "walk"
    done = subprocess.run(
        [sys.executable, "-m", "cli", "demo", "--folder", str(folder)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_leaderboard_ranks_three_teams_by_their_scores(walked):
    folder, _ = walked
    rows = json.loads((folder / "summary.json").read_text())["leaderboard"]

    assert {row["team"] for row in rows} == {
        "threshold-lab", "cluster-collective", "gaussian-gardeners",
    }  # fmt: skip
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    for row in rows:
        assert 0.5 < row["scores"][0]["mean"] < 1
        low, high = row["rank_set"]
        assert low <= row["rank"] <= high


def test_private_phase_is_shown_closed(walked):
    folder, out = walked
    phases = json.loads((folder / "summary.json").read_text())["phases"]

    assert [phase["phase"] for phase in phases] == ["preliminary", "final"]
    assert phases[1]["status"] == "upcoming"
    assert "kept back" in out


def test_every_promised_refusal_was_met_in_the_push_itself(walked):
    folder, _ = walked
    told = json.loads((folder / "summary.json").read_text())["steps"]
    quoted = "\n".join(line for step in told for line in step["quoted"])

    assert "did you mean 'tissue'?" in quoted
    assert "the next is allowed at " in quoted
    assert "this commit has its receipt already" in quoted
    assert "stored: main; work in progress is not evaluated" in quoted
    assert "ended with exit code 1" in quoted


def test_site_stays_when_the_platform_has_ended(walked):
    folder, _ = walked

    for name in ("leaderboard.html", "leaderboard.json", "leaderboard.csv"):
        assert (folder / "site" / name).stat().st_size > 0
    pid = folder / "challenge" / ".diychallenge" / "platform.pid"
    assert not pid.exists() or not Path(f"/proc/{pid.read_text().strip()}").exists()


def test_a_folder_that_no_demonstration_made_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(InputError, match="no demonstration made it"):
        replace_folder(tmp_path)

    assert (tmp_path / "thesis.tex").exists()
