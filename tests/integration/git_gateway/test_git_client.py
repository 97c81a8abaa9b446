"""The git gateway with git's own client: pushes, clones, and refusals that git shows."""

import gzip
from pathlib import Path

import httpx

from tests.integration.git_gateway.client import MAX_PUSH, Running, add_noise, git


def test_what_was_pushed_can_be_cloned(gateway: Running, work: Path, tmp_path: Path) -> None:
    git(work, "push", gateway.remote(), "main", "HEAD:refs/tags/submission/1")
    git(tmp_path, "clone", "--quiet", gateway.remote(), "copy")

    assert (tmp_path / "copy" / "predict.py").read_text() == "print('hello')\n"


def test_a_push_above_gits_own_buffer_comes_chunked_and_whole(gateway: Running, work: Path) -> None:
    add_noise(work, 2 * 1024**2)  # http.postBuffer is 1 MiB: git switches to a chunked body

    git(work, "push", gateway.remote(), "main")

    stored = git(gateway.repositories / "voxels.git", "cat-file", "-s", "main:noise.bin")
    assert int(stored.stdout) == 2 * 1024**2


def test_both_protocol_versions_are_spoken(gateway: Running, work: Path) -> None:
    git(work, "push", gateway.remote(), "main")

    for version in ("0", "2"):
        listed = git(work, "-c", f"protocol.version={version}", "ls-remote", gateway.remote())
        assert "refs/heads/main" in listed.stdout


def test_a_negotiation_sent_with_gzip_is_understood(gateway: Running, work: Path) -> None:
    git(work, "push", gateway.remote(), "main")
    commit = git(work, "rev-parse", "HEAD").stdout.strip()
    wants = f"want {commit} no-progress ofs-delta\n"
    body = f"{len(wants) + 4:04x}{wants}0000" + "0009done\n"

    answer = httpx.post(
        f"{gateway.url}/git/voxels.git/git-upload-pack",
        content=gzip.compress(body.encode()),
        headers={
            "content-type": "application/x-git-upload-pack-request",
            "content-encoding": "gzip",
        },
        auth=("ada", "good-token"),
        trust_env=False,
    )

    assert answer.status_code == 200
    assert answer.content.startswith(b"0008NAK\nPACK")


def test_a_push_above_the_limit_is_refused_in_words_that_git_shows(
    gateway: Running, work: Path
) -> None:
    add_noise(work, 2 * MAX_PUSH)

    pushed = git(work, "push", gateway.remote(), "main", check=False)

    assert pushed.returncode == 1
    assert "remote: refused: this push is larger than 3 MiB" in pushed.stderr
    assert "no quota was used" in pushed.stderr
    assert "! [remote rejected] main -> main (larger than 3 MiB)" in pushed.stderr
    listed = git(work, "ls-remote", gateway.remote())
    assert listed.stdout == ""
    assert not list((gateway.repositories / "voxels.git" / "objects").glob("*/*.pack"))


def test_after_a_refused_push_the_next_one_is_taken(gateway: Running, work: Path) -> None:
    add_noise(work, 2 * MAX_PUSH)
    git(work, "push", gateway.remote(), "main", check=False)
    git(work, "reset", "--quiet", "--hard", "HEAD~1")

    git(work, "push", gateway.remote(), "main")

    assert "refs/heads/main" in git(work, "ls-remote", gateway.remote()).stdout


def test_without_a_token_git_is_asked_for_one(gateway: Running) -> None:
    answer = httpx.get(
        f"{gateway.url}/git/voxels.git/info/refs?service=git-upload-pack", trust_env=False
    )

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_a_wrong_token_is_refused(gateway: Running, work: Path) -> None:
    pushed = git(work, "push", gateway.remote(token="guess"), "main", check=False)

    assert pushed.returncode == 128
    assert "Authentication failed" in pushed.stderr


def test_another_teams_repository_is_refused_with_the_reason(gateway: Running, work: Path) -> None:
    pushed = git(work, "push", gateway.remote("bob", "other-token"), "main", check=False)

    assert pushed.returncode == 128
    assert "remote: refused: this is not your team's repository, pixels is" in pushed.stderr
