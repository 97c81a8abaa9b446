"""Repositories and their hooks: bounded, mended, made once, and closed when in doubt."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blueprint.adapters import git, git_hook
from blueprint.intake.confirmation import answer_post_receive
from blueprint.intake.push import answer_pre_receive
from tests.integration.hooks.pushes import at_once

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment


def test_git_refuses_a_pack_that_is_too_large(ready: "Clone", deployment: "Deployment") -> None:
    git.ensure_bare_repository(
        deployment.repository, hook_python=sys.executable, hook_script=Path(git_hook.__file__),
        max_push_bytes=100_000,
    )  # fmt: skip
    ready.commit({"noise": os.urandom(200_000)})

    pushed = ready.submit("1")

    assert not pushed.accepted
    assert "pack exceeds maximum allowed size" in pushed.stderr


def test_hooks_of_an_older_version_are_mended(ready: "Clone", deployment: "Deployment") -> None:
    (deployment.repository / "hooks" / "pre-receive").unlink()
    (deployment.repository / "config").write_text("[core]\n\tbare = true\n")

    deployment.ensure_repository("voxels")

    assert "accepted: brain-tissue/preliminary, submission 1\n" in ready.submit("1").said


def test_many_requests_make_one_repository(deployment: "Deployment") -> None:
    shutil.rmtree(deployment.repository)

    at_once([lambda: deployment.ensure_repository("voxels") for _ in range(8)])

    assert sorted(path.name for path in deployment.platform.state.git.iterdir()) == ["voxels.git"]
    assert git.submission_tags(deployment.repository) == {}


def test_the_hook_needs_nothing_but_the_standard_library(
    ready: "Clone", deployment: "Deployment", tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere" / "hook.py"
    alone.parent.mkdir()
    shutil.copy(git_hook.__file__, alone)
    git.ensure_bare_repository(
        deployment.repository, hook_python=sys.executable, hook_script=alone,
        max_push_bytes=1_000_000,
    )  # fmt: skip

    assert ready.submit("1").accepted


def test_a_hook_without_its_variables_fails_closed(ready: "Clone") -> None:
    del ready.environment["DIYCHALLENGE_SOCKET"]

    assert not ready.submit("1").accepted


def test_a_stored_tag_that_nobody_reserved_is_told_so(
    deployment: "Deployment",
) -> None:
    sha, ref = "a" * 40, "refs/tags/submission/1"
    report = {
        "protocol": 2, "username": "person-1", "team": "voxels", "refs_complete": True,
        "refs": [{"ref": ref, "old": "0" * 40, "new": sha}], "tags": [{"ref": ref, "commit": sha}],
    }  # fmt: skip

    answer = answer_post_receive(
        deployment.platform, json.dumps(report).encode(), deployment.dial()
    )

    assert answer.text == (
        "not registered: submission/1 was stored, but nothing is known of its check; please tag"
        " this commit once more under another name, and push that\n"
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff" * 100, b"[" * 100_000, b" " * 5_000_000])
def test_rubbish_for_the_platform_is_answered(deployment: "Deployment", body: bytes) -> None:
    answer = answer_pre_receive(deployment.platform, body, deployment.dial())

    assert not answer.accept
    assert answer.text.startswith("refused: the platform did not understand its git hook")
    assert not answer_post_receive(deployment.platform, body, deployment.dial()).accept


def test_rubbish_for_the_hook_is_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", git_hook.__file__, "pre-receive"],
        check=False, input=b"\xff\x00 rubbish", capture_output=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stdout.startswith(b"refused: the platform did not answer")
    assert done.stderr == b""
