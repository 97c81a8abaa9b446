"""The job: builds the site of a state folder in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.database.connection import open_sqlite

ROOT = Path(__file__).resolve().parents[3]
CHALLENGE = """\
version: 1
challenge: {id: brain-tissue, title: Brain tissue, contact: a@example.org}
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {t1: image}
    outputs: {mask: segmentation}
    labels: {1: grey matter, 2: white matter}
    cases: {public: data/test-public, private: data/test-private}
    metrics: [{id: dice}]
phases:
  - {id: preliminary, tasks: [tissue], opens: 2027-06-01, closes: 2027-08-31}
"""


def run_job(state: Path, *flags: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "blueprint.publish.job", "--state", str(state), *flags]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, input=stdin
    )


@pytest.fixture
def deployed(starter_folder: Path, tmp_path: Path) -> Path:
    """A state folder as `deploy` leaves it, with an empty database."""
    state = tmp_path / "state"
    state.mkdir()
    (state / "challenge.yaml").write_text(CHALLENGE)
    (state / "deployed.json").write_text(json.dumps({"project": str(starter_folder)}))
    database = open_sqlite(state / "platform.db")
    database.ensure_schema()
    database.close()
    return state


def test_the_job_publishes_and_says_where(deployed):
    done = run_job(deployed)

    assert done.returncode == 0, done.stderr
    folder = Path(json.loads(done.stdout)["site"])
    assert (deployed / "site" / "current").resolve() == folder.resolve()
    assert "Brain tissue" in (folder / "leaderboard.html").read_text()


def test_a_folder_without_a_deployment_is_named_in_one_line(tmp_path):
    done = run_job(tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"{tmp_path}: nothing is deployed here\n"


def test_a_waiting_job_builds_when_it_is_told_to(deployed):
    done = run_job(deployed, "--wait", stdin="build\n")

    assert done.returncode == 0, done.stderr
    assert (deployed / "site" / "current" / "leaderboard.html").is_file()


def test_a_waiting_job_that_nobody_needs_ends_without_a_word(deployed):
    done = run_job(deployed, "--wait", stdin="")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (deployed / "site").exists()
