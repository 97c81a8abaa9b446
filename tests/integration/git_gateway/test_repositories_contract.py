"""The port to repositories: what lies on this disk and what a server has answer alike.

The remote ones are reached over git's own protocol for files, and over smart HTTP through the real
gateway, with a token.
"""

import os
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from blueprint.adapters.git_remote import Remote
from blueprint.addresses import Addresses
from blueprint.desk.port import CodeError
from blueprint.errors import InputError, ToolError
from blueprint.intake.bare_repositories import BareRepositories
from blueprint.intake.remote_repositories import RemoteRepositories
from blueprint.intake.repositories import Repositories
from tests.integration.git_gateway.client import Running, git

ADDRESSES = Addresses("https://c.org", "https://c.org/portal", "https://git.c.org", "c.org", 2022)
ABSENT = "b" * 40


def bare(gateway: Running, scratch: Path) -> Repositories:
    return BareRepositories(gateway.repositories, ADDRESSES)


def over_files(gateway: Running, scratch: Path) -> Repositories:
    return RemoteRepositories(f"file://{gateway.repositories}", ADDRESSES, scratch)


def over_http(gateway: Running, scratch: Path) -> Repositories:
    return RemoteRepositories(
        f"{gateway.url}/git", ADDRESSES, scratch, username="ada", token="good-token"
    )


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


@pytest.fixture(params=[bare, over_files, over_http])
def repositories(
    request: pytest.FixtureRequest, gateway: Running, scratch: Path, store: Callable[..., str]
) -> Repositories:
    """One of the implementations, over a team's repository with one commit."""
    store()
    made: Repositories = request.param(gateway, scratch)
    made.ensure("voxels")
    return made


@pytest.fixture
def store(gateway: Running, work: Path) -> Callable[..., str]:
    """Return a function that puts refs of the work tree into the team's repository."""
    repository = gateway.repositories / "voxels.git"
    if not repository.exists():
        git(gateway.repositories, "init", "--bare", "-q", "--initial-branch=main", str(repository))

    def put(*refs: str) -> str:
        wanted = refs or ("HEAD:refs/heads/main",)
        # Fetched from the other side, so that no hook has to be asked.
        git(repository, "fetch", "--quiet", "--force", "--no-tags", str(work), *wanted)
        return git(work, "rev-parse", "HEAD").stdout.strip()

    return put


def test_a_repository_without_submissions_has_no_tags(repositories: Repositories) -> None:
    repositories.ensure("voxels")

    assert dict(repositories.submission_tags("voxels")) == {}
    assert repositories.tag_commit("voxels", "refs/tags/submission/1") is None


def test_tags_lead_to_their_commits_however_deep_they_are_nested(
    repositories: Repositories, work: Path, store: Callable[..., str]
) -> None:
    git(work, "tag", "submission/plain")
    git(work, "tag", "-m", "annotated", "submission/note")
    git(work, "tag", "-m", "a tag of a tag", "submission/deep", "submission/note")
    git(work, "tag", "other")
    head = store(
        "refs/tags/*:refs/tags/*",
        "HEAD:refs/heads/main",
        "HEAD:refs/heads/refs/tags/submission/branch",
    )

    tags = dict(repositories.submission_tags("voxels"))

    names = ("plain", "note", "deep")
    assert tags == {f"refs/tags/submission/{name}": head for name in names}
    for ref in tags:
        assert repositories.tag_commit("voxels", ref) == head
    assert repositories.tag_commit("voxels", "refs/tags/submission/pl") is None


def test_a_commit_is_fetched_by_its_id_as_it_is(
    repositories: Repositories, work: Path, store: Callable[..., str], tmp_path: Path, scratch: Path
) -> None:
    (work / "folder").mkdir()
    (work / "folder" / "weights.bin").write_bytes(b"\0\xff" * 1000)
    (work / "run.sh").write_text("#!/bin/sh\n")
    (work / "run.sh").chmod(0o755)
    # Neither the archive's exclusions nor a filter may make it another commit than was pushed.
    (work / ".gitattributes").write_text(
        "*.py export-ignore\n*.bin filter=lfs\n*.sh text eol=crlf\n"
    )
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message=second")
    commit = store("HEAD:refs/heads/main", "HEAD:refs/tags/submission/1")
    git(work, "commit", "--quiet", "--allow-empty", "--message=third")
    store("HEAD:refs/heads/main")
    into = tmp_path / "code"
    into.mkdir()

    count = repositories.fetch("voxels", commit, into)

    found = {str(path.relative_to(into)) for path in into.rglob("*") if path.is_file()}
    assert found == {".gitattributes", "folder/weights.bin", "predict.py", "run.sh"}
    assert count == 4
    assert (into / "folder" / "weights.bin").read_bytes() == b"\0\xff" * 1000
    assert (into / "run.sh").read_bytes() == b"#!/bin/sh\n"
    assert (into / "run.sh").stat().st_mode & 0o777 == 0o755
    assert not scratch.exists() or list(scratch.iterdir()) == []


def test_a_folder_of_a_commit_is_fetched_without_its_name(
    repositories: Repositories, work: Path, store: Callable[..., str], tmp_path: Path
) -> None:
    (work / "predictions" / "case-1").mkdir(parents=True)
    (work / "predictions" / "case-1" / "mask.nii.gz").write_bytes(b"1")
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message=second")
    commit = store("HEAD:refs/tags/submission/1")
    into = tmp_path / "code"
    into.mkdir()

    assert repositories.fetch("voxels", commit, into, below="predictions") == 1
    assert [str(path.relative_to(into)) for path in into.rglob("*.gz")] == ["case-1/mask.nii.gz"]


def test_what_a_submission_may_not_hold_is_its_own_fault(
    repositories: Repositories, work: Path, store: Callable[..., str], tmp_path: Path
) -> None:
    (work / "passwords").symlink_to("/etc/passwd")
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message=a link")
    commit = store("HEAD:refs/tags/submission/1")
    into = tmp_path / "code"
    into.mkdir()

    with pytest.raises(CodeError, match="no regular file"):
        repositories.fetch("voxels", commit, into)


@pytest.mark.parametrize("commit", [ABSENT, "--upload-pack=touch bad", "HEAD; touch bad", ""])
def test_a_commit_that_is_not_there_is_no_fault_of_the_participants(
    repositories: Repositories, tmp_path: Path, scratch: Path, commit: str
) -> None:
    into = tmp_path / "code"
    into.mkdir()

    with pytest.raises(ToolError):
        repositories.fetch("voxels", commit, into)

    assert list(into.iterdir()) == []
    assert not list(tmp_path.rglob("bad"))
    assert not scratch.exists() or list(scratch.iterdir()) == []


def test_a_repository_that_cannot_be_read_is_never_one_without_tags(
    repositories: Repositories, gateway: Running, tmp_path: Path
) -> None:
    lost = gateway.repositories / "voxels.git"
    lost.rename(tmp_path / "lost.git")
    lost.write_text("no repository")

    with pytest.raises(ToolError):
        repositories.submission_tags("voxels")
    with pytest.raises(ToolError):
        repositories.tag_commit("voxels", "refs/tags/submission/1")
    with pytest.raises(ToolError):
        repositories.fetch("voxels", ABSENT, tmp_path)


def test_participants_are_told_where_to_clone_from(repositories: Repositories) -> None:
    assert repositories.clone_url("voxels") == "https://git.c.org/voxels.git"
    assert repositories.clone_url("voxels", username="ada") == "https://ada@git.c.org/voxels.git"


def test_a_wrong_token_is_said_without_showing_it(gateway: Running, scratch: Path) -> None:
    stranger = RemoteRepositories(
        f"{gateway.url}/git", ADDRESSES, scratch, username="ada", token="not-the-token"
    )

    with pytest.raises(ToolError) as refused:
        stranger.ensure("voxels")

    assert "not-the-token" not in f"{refused.value} {stranger}"


def test_the_token_is_in_no_argument_that_others_see(
    gateway: Running, scratch: Path, tmp_path: Path, store: Callable[..., str]
) -> None:
    store()
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True)
    shim.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/argv\nexec {real.stdout.strip()} "$@"\n')
    shim.chmod(0o700)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{shim.parent}:{before}"
    try:
        over_http(gateway, scratch).submission_tags("voxels")
    finally:
        os.environ["PATH"] = before

    argv = (tmp_path / "argv").read_text()
    assert "ls-remote" in argv
    assert "good-token" not in argv
    assert "Authorization" not in argv


@pytest.mark.parametrize(
    "url", ["ext::sh -c touch% bad", "--upload-pack=touch bad", "ssh://h/x", "/tmp/x", "git://h/x"]
)
def test_only_addresses_of_known_schemes_are_read(url: str) -> None:
    with pytest.raises(InputError, match="repositories are read over https, http, file"):
        _ = Remote(url).scheme


def test_a_server_that_sends_git_elsewhere_is_not_followed(
    gateway: Running, scratch: Path, store: Callable[..., str]
) -> None:
    store()
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", gateway.url + self.path)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        there = RemoteRepositories(
            f"http://127.0.0.1:{server.server_port}/git", ADDRESSES, scratch, username="ada",
            token="good-token",
        )  # fmt: skip
        try:
            with pytest.raises(ToolError, match="302"):
                there.ensure("voxels")
        finally:
            server.shutdown()
            thread.join()
    assert asked != []
