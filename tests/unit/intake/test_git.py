"""Reading bare repositories: exact bytes, bounds, and no setting of anybody's in force."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.adapters import git, git_hook
from blueprint.errors import ToolError


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "voxels.git"
    git.ensure_bare_repository(
        path, hook_python=sys.executable, hook_script=Path(git_hook.__file__), max_push_bytes=10**6
    )
    return path


def run(repository: Path, *arguments: str, stdin: bytes = b"") -> str:
    names = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
             "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}  # fmt: skip
    done = subprocess.run(
        ["git", f"--git-dir={repository}", *arguments], env={**git.environment(), **names},
        input=stdin, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.decode().strip()


def blob(repository: Path, content: bytes) -> str:
    return run(repository, "hash-object", "-w", "--stdin", stdin=content)


def commit(repository: Path, files: dict[str, str]) -> str:
    lines = "".join(f"100644 blob {sha}\t{name}\0" for name, sha in files.items())
    made = run(repository, "mktree", "-z", stdin=lines.encode())
    return run(repository, "commit-tree", made, "-m", "work")


def test_a_second_ensure_changes_nothing(repository: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*")}

    git.ensure_bare_repository(
        repository, hook_python=sys.executable, hook_script=Path(git_hook.__file__),
        max_push_bytes=10**6,
    )  # fmt: skip

    assert {path: path.stat().st_mtime_ns for path in repository.rglob("*")} == before


def test_a_hook_runs_from_a_path_with_blanks_and_quotes(tmp_path: Path) -> None:
    odd = tmp_path / "it's a 'folder'"
    odd.mkdir()
    (odd / "hook.py").write_text("import sys; print(sys.argv[1:])")
    git.ensure_bare_repository(
        tmp_path / "x.git", hook_python=sys.executable, hook_script=odd / "hook.py",
        max_push_bytes=1,
    )  # fmt: skip

    said = subprocess.run(
        [tmp_path / "x.git/hooks/pre-receive"], capture_output=True, check=True, timeout=60
    )

    assert said.stdout == b"['pre-receive']\n"


def test_a_tree_is_listed_in_bytes_up_to_a_bound(repository: Path) -> None:
    sha = blob(repository, b"hello\n")
    made = commit(repository, {"a": sha, "two\nlines": sha})

    [first, second] = git.list_tree(repository, made, max_entries=5)

    assert (first.mode, first.type, first.sha, first.size) == ("100644", "blob", sha, 6)
    assert second.path_bytes == b"two\nlines"
    assert git.list_tree(repository, made, max_entries=1) == [first]


def test_what_is_no_commit_is_a_fault_of_the_tool(repository: Path) -> None:
    with pytest.raises(ToolError, match="git ls-tree"):
        git.list_tree(repository, "0" * 40, max_entries=5)
    with pytest.raises(ToolError, match="git ls-tree"):
        git.list_tree(repository, "--name-only", max_entries=5)


def test_blobs_come_in_order_and_exactly(repository: Path) -> None:
    contents = [b"", b"\n", b"\x00" * 5, os.urandom(300_000), b"no newline at the end"]
    shas = [blob(repository, content) for content in contents]

    read = list(git.read_blobs(repository, shas * 50, max_bytes=300_000))

    assert read == list(zip(shas, contents, strict=True)) * 50


def test_a_blob_beyond_the_bound_is_not_read(repository: Path) -> None:
    with pytest.raises(ToolError, match="larger than 4 bytes"):
        list(git.read_blobs(repository, [blob(repository, b"hello")], max_bytes=4))


def test_a_missing_blob_is_a_fault_of_the_tool(repository: Path) -> None:
    with pytest.raises(ToolError, match="git has no file of the id 0000"):
        list(git.read_blobs(repository, ["0" * 40], max_bytes=4))


def test_a_reader_that_stops_early_leaves_no_process(repository: Path) -> None:
    shas = [blob(repository, b"%d" % number) for number in range(50)]

    reader = git.read_blobs(repository, shas, max_bytes=10)
    assert next(reader)[1] == b"0"
    reader.close()  # type: ignore[attr-defined]  # a generator, as its callers know it

    assert children() == []


def test_tags_lead_to_commits_however_deep(repository: Path) -> None:
    made = commit(repository, {"a": blob(repository, b"x")})
    run(repository, "tag", "submission/plain", made)
    run(repository, "tag", "-a", "submission/annotated", made, "-m", "x")
    run(repository, "tag", "-a", "submission/nested", "submission/annotated", "-m", "x")
    run(repository, "tag", "submission/file", blob(repository, b"x"))
    run(repository, "tag", "other", made)

    assert git.submission_tags(repository) == {
        f"refs/tags/submission/{name}": made for name in ("annotated", "nested", "plain")
    }
    assert git.tag_commit(repository, "refs/tags/submission/nested") == made
    assert git.tag_commit(repository, "refs/tags/submission/file") is None
    assert git.tag_commit(repository, "refs/tags/submission/none") is None
    assert git.tag_commit(repository, "--all") is None


def test_a_replaced_object_is_read_as_it_was_pushed(repository: Path) -> None:
    honest, other = blob(repository, b"honest"), blob(repository, b"other")
    environment = {k: v for k, v in git.environment().items() if k != "GIT_NO_REPLACE_OBJECTS"}
    subprocess.run(
        ["git", f"--git-dir={repository}", "replace", honest, other], env=environment, check=True,
        timeout=60,
    )  # fmt: skip

    assert list(git.read_blobs(repository, [honest], max_bytes=10)) == [(honest, b"honest")]


def children() -> list[str]:
    """Return the git processes that this process started and that still live."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in listed]
    return [command.decode() for command in commands if b"cat-file" in command]
