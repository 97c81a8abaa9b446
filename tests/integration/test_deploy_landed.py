"""A deployment that version 0 left is taken over by this version, and its submissions go on."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from blueprint import audit
from blueprint.database.connection import open_sqlite
from blueprint.database.versions import known_chain
from tests.landed.landed import FOLDER, make_state

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "blueprint" / "scaffold" / "brain_tissue"


def cli(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cli", *words], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=300, check=False,
    )  # fmt: skip


def ask(folder: Path, *words: str) -> dict[str, Any]:
    done = cli(folder, *words, "--json")
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.fixture
def project(tmp_path, free_port):
    """A project with the state folder of version 0; only the ports had to be others."""
    folder = tmp_path / "brain"
    folder.mkdir()
    for part in ("data", "pages"):
        shutil.copytree(STARTER / part, folder / part)
    text = (FOLDER / "platform-0.challenge.yaml").read_text()
    for port in ("18080", "12022"):
        assert port in text
        text = text.replace(port, str(free_port()))
    (folder / "challenge.yaml").write_text(text)
    make_state(folder, folder / ".diychallenge", tmp_path / "sockets")
    yield folder
    cli(folder, "destroy", "--yes")


def test_deploy_migrates_what_version_0_left_and_names_the_copy(project):
    refused = cli(project, "submissions", "list")
    assert refused.returncode == 2
    assert "`diychallenge deploy` migrates it" in refused.stderr

    deployed = cli(project, "deploy")

    assert deployed.returncode == 0, deployed.stderr
    (copy,) = (project / ".diychallenge/copies").iterdir()
    told = f"database: schema 0001 -> {known_chain()[-1]}; as it was before: {copy}"
    assert told in (project / ".diychallenge/platform.log").read_text()
    assert told in deployed.stdout + deployed.stderr
    states = {one["id"]: one["state"] for one in ask(project, "submissions", "list")["submissions"]}
    # What ran on the old platform begins again, and what had ended is as it was.
    assert {number: states[number] for number in (1, 2, 4, 5, 6, 7, 8, 16)} == {
        1: "published", 2: "published", 4: "failed", 5: "failed", 6: "failed", 7: "cancelled",
        8: "cancelled", 16: "cancelled",
    }  # fmt: skip
    with closing(open_sqlite(project / ".diychallenge/platform.db")) as database:
        assert audit.verify(database).problem == ""

    again = cli(project, "deploy")
    assert "nothing changed" in again.stdout
    assert len(list((project / ".diychallenge/copies").iterdir())) == 1


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("challenge.yaml", "preliminary", "early", "people have submitted to"),
        ("challenge.yaml", "  id: brain-tissue ", "  id: brain-two ", "holds submissions to"),
        ("pages/agreement.md", "", "\nOne more condition.\n", "agreement data-use"),
    ],
)
def test_a_deploy_that_is_refused_leaves_the_database_of_version_0_as_it_was(
    project, file, before, after, said
):
    state = project / ".diychallenge"
    _edit(project, file, before, after)

    refused = cli(project, "deploy")

    assert refused.returncode == 2
    assert said in refused.stderr
    with closing(sqlite3.connect(state / "platform.db")) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    assert "people" in tables  # what version 0 called the accounts
    assert "accounts" not in tables
    assert not (state / "copies").exists()


def _edit(project: Path, file: str, before: str, after: str) -> None:
    path = project / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after) if before else text + after)


def test_results_of_version_0_are_adopted_and_the_board_is_as_it_was(project):
    with closing(sqlite3.connect(project / ".diychallenge/platform.db")) as before:
        scored = before.execute(
            "SELECT submissions.id, phase FROM submissions JOIN results ON submission_id ="
            " submissions.id WHERE state IN ('scored', 'published') ORDER BY 1"
        ).fetchall()
    assert scored

    deployed = cli(project, "deploy")

    assert "results of before count as made with them" in deployed.stdout, deployed.stderr
    data = {(one["task"], one["split"]): one for one in ask(project, "deploy")["data"]}
    adopted = sorted(number for one in data.values() for number in one["scored"])
    assert [number for number, _ in scored] == [n for n in adopted if n in dict(scored)]
    assert all(one["condition"] == "in force" for one in data.values())
    assert sum(one["adopted"] for one in data.values()) == len(adopted)
    assert "a version that froze no data: `diychallenge rescore` makes sure" in cli(
        project, "status"
    ).stdout  # fmt: skip
    board = ask(project, "leaderboard", "show")
    shown = {row["submission"] for one in board["boards"] for row in one["rows"]}
    aside = {number for one in board["boards"] for number in one["set_aside"]}
    live = {number for number, phase in scored if phase == "preliminary"}
    assert shown | aside <= live
    assert shown
