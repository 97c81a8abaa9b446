"""`diychallenge submit` in a real clone, against a real repository with a real hook."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = "version: 1\ntask: tissue\nkind: code\nrun: [python, predict.py]\n"
PRE_RECEIVE = """#!/bin/sh
while read old new ref; do
  case "$ref" in
    *refuse*) echo "refused: no more today"; exit 1 ;;
    *) echo "checked: $ref" ;;
  esac
done
"""
POST_RECEIVE = """#!/bin/sh
while read old new ref; do
  case "$ref" in
    *unanswered*) echo "stored: $ref; but the platform did not answer" ;;
    *) echo "accepted: $ref" ;;
  esac
done
"""


@pytest.fixture
def environment(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\nname = Anna\nemail = anna@example.org\n"
                                     "[init]\ndefaultBranch = main\n")  # fmt: skip
    kept = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)}
    return {**kept, "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def clone(tmp_path, environment):
    """A clone with one committed submission; pushes go to a hook that answers."""
    bare, folder = tmp_path / "team.git", tmp_path / "clone"

    def git(*words: str, cwd: Path = folder) -> str:
        done = subprocess.run(
            ["git", *words], cwd=cwd, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    git("init", "--quiet", "--bare", str(bare), cwd=tmp_path)
    (bare / "hooks").mkdir(exist_ok=True)
    for name, script in (("pre-receive", PRE_RECEIVE), ("post-receive", POST_RECEIVE)):
        (bare / "hooks" / name).write_text(script)
        (bare / "hooks" / name).chmod(0o755)
    git("clone", "--quiet", str(bare), str(folder), cwd=tmp_path)
    (folder / "submission.yaml").write_text(GOOD)
    (folder / "predict.py").write_text("print('hello')\n")
    git("add", "--all")
    git("commit", "--quiet", "--message", "first")
    return folder, git


@pytest.fixture
def submit(clone, environment):
    def typed(*words: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli", "submit", *words],
            cwd=cwd or clone[0],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return typed


def test_the_commit_is_tagged_with_the_next_number_and_the_answer_is_printed(submit, clone):
    _, git = clone

    first, second = submit(), submit()

    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == "accepted: refs/tags/submission/1"
    assert second.stdout.splitlines()[-1] == "accepted: refs/tags/submission/2"
    assert git("ls-remote", "--tags", "origin").count("refs/tags/submission/") == 2


def test_numbers_go_on_from_what_a_team_mate_pushed(submit, clone):
    _, git = clone
    git("push", "--quiet", "origin", "HEAD:refs/tags/submission/41")

    assert "accepted: refs/tags/submission/42\n" in submit().stdout


def test_a_refusal_is_printed_and_leaves_no_tag(submit, clone):
    _, git = clone

    done = submit("--name", "refuse-me")

    assert done.returncode == 1
    assert done.stdout == "refused: no more today\n"
    assert git("tag", "--list") == ""


def test_a_push_that_git_refuses_after_the_check_is_no_success(submit, clone, tmp_path):
    _, git = clone
    git("push", "--quiet", "origin", "HEAD:refs/tags/blocking")
    git(
        "--git-dir",
        str(tmp_path / "team.git"),
        "update-ref",
        "refs/tags/submission",
        "refs/tags/blocking",
    )

    done = submit()

    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "checked: refs/tags/submission/1"
    assert "[remote rejected]" in done.stdout
    assert "accepted" not in done.stdout
    assert git("tag", "--list") == ""


def test_a_stored_tag_without_the_platforms_word_is_no_success_yet(submit, clone):
    _, git = clone

    done = submit("--name", "unanswered")

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("stored: refs/tags/submission/unanswered")
    assert git("tag", "--list") == "submission/unanswered\n"


def test_scripts_get_the_answer_as_json(submit, clone):
    _, git = clone
    document = json.loads(submit("--json").stdout)

    assert document == {
        "accepted": True,
        "stored": True,
        "tag": "submission/1",
        "commit": git("rev-parse", "HEAD").strip(),
        "answer": ["checked: refs/tags/submission/1", "accepted: refs/tags/submission/1"],
    }


def test_what_is_not_committed_is_refused_before_anything_is_pushed(submit, clone):
    folder, git = clone
    (folder / "predict.py").write_text("print('better')\n")

    done = submit()

    assert done.returncode == 2
    assert "not committed yet: predict.py" in done.stderr
    assert git("ls-remote", "--tags", "origin") == ""


def test_a_forgotten_file_is_pointed_out(submit, clone):
    (clone[0] / "weights.npy").write_bytes(b"1")

    done = submit()

    assert done.returncode == 0
    assert "note: weights.npy is not in git" in done.stderr


def test_a_faulty_submission_yaml_is_judged_before_the_push(submit, clone):
    folder, git = clone
    (folder / "submission.yaml").write_text(GOOD + "weights: model.pt\n")
    git("commit", "--quiet", "--all", "--message", "second")

    done = submit()

    assert done.returncode == 2
    assert "submission.yaml:5:1: weights" in done.stderr
    assert git("ls-remote", "--tags", "origin") == ""


def test_outside_of_a_clone_the_next_step_is_said(submit, tmp_path):
    (tmp_path / "empty").mkdir()
    done = submit(cwd=tmp_path / "empty")

    assert done.returncode == 2
    assert "is not in a git repository" in done.stderr
    assert "hint: " in done.stderr


def test_a_remote_that_does_not_answer_is_one_line(submit, clone, tmp_path):
    _, git = clone
    git("remote", "set-url", "origin", str(tmp_path / "nowhere.git"))

    done = submit()

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: git ls-remote: ")


@pytest.mark.parametrize("name", ["--upload-pack=touch x", "a b", "../up", "x..y"])
def test_an_odd_name_never_reaches_git_as_an_option(submit, clone, name):
    done = submit(f"--name={name}")

    assert done.returncode == 2
    assert not (clone[0] / "x").exists()
