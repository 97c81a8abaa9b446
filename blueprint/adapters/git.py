"""Reads bare repositories with git, and makes them; nothing of a repository is ever run."""

import contextlib
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from blueprint.adapters import process
from blueprint.errors import ToolError
from blueprint.files import write_whole

_TIMEOUT_S = 30.0
_MAX_TREE_BYTES = 16 * 1024 * 1024
_BLOCK_BYTES = 512  # of stat's `st_blocks`, whatever the file system's own blocks are
HOOKS = ("pre-receive", "post-receive")


class OverrunError(ToolError):
    """Git used up its computing time: what it reads is made to be slow."""


@dataclass(frozen=True)
class TreeEntry:
    """One line of `git ls-tree`."""

    mode: str
    """100644, 100755 (regular files), 120000 (symbolic link), 160000 (submodule), 040000 (tree)."""
    type: str
    """blob, commit or tree."""
    sha: str
    size: int | None
    """Bytes of a blob."""
    path_bytes: bytes


def environment() -> dict[str, str]:
    """Return an environment in which no one's settings and no network are in force."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def ensure_bare_repository(
    path: Path, *, hook_python: str, hook_script: Path, max_push_bytes: int
) -> None:
    """Make `path` a bare repository whose hooks run `hook_script`; idempotent.

    A second call costs a few reads, and mends settings and hooks that differ (after an upgrade).

    Args:
        path: `<team>.git`; its parent exists.
        hook_python: The interpreter, run as `python -I -S` with only its standard library.
        hook_script: Called with the name of the hook.
        max_push_bytes: Git refuses a pack that is larger.
    """
    if not path.is_dir():
        _make(path)
    _ensure_file(path / "config", _settings(max_push_bytes), 0o600)
    for hook in HOOKS:
        argv = [hook_python, "-I", "-S", str(hook_script), hook]
        _ensure_file(path / "hooks" / hook, f"#!/bin/sh\nexec {shlex.join(argv)}\n", 0o700)


def remove_leftovers(path: Path) -> None:
    """Remove the locks and half-received pushes of a git that was killed in this repository.

    No git may be running in it: a lock that is left refuses its ref for ever. (No ref can have a
    name that ends with `.lock`.)
    """
    for lock in (*path.glob("*.lock"), *(path / "refs").rglob("*.lock")):
        lock.unlink(missing_ok=True)
    for quarantine in (path / "objects").glob("*incoming-*"):
        shutil.rmtree(quarantine, ignore_errors=True)


def stored_bytes(path: Path) -> int:
    """Return how much of the disk a repository takes, half-received pushes too."""
    total, folders = 0, [str(path)]
    while folders:
        with contextlib.suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                with contextlib.suppress(FileNotFoundError):
                    total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
    return total


def list_tree(repository: Path, commit: str, *, max_entries: int) -> list[TreeEntry]:
    """Return the files of a commit, those beyond `max_entries` left out; folders are not listed.

    Raises:
        ToolError: There is no such commit, or the list is longer than 16 MiB.
    """
    argv = ["ls-tree", "-rlz", "--full-tree", "--end-of-options", commit]
    done = _git(repository, argv, max_output_bytes=_MAX_TREE_BYTES)
    if done.code != 0:
        raise ToolError(f"git ls-tree: {done.error_text}")
    return parse_tree(done.stdout, max_entries=max_entries)


def parse_tree(listing: bytes, *, max_entries: int) -> list[TreeEntry]:
    """Return the entries of what `git ls-tree -lz` printed, at most `max_entries`.

    Raises:
        ValueError: It is no such text.
    """
    lines = listing.split(b"\0", max_entries)[:max_entries]
    return [_entry(line) for line in lines if line]


def read_blobs(
    repository: Path, shas: Sequence[str], *, max_bytes: int, cpu_s: int = 120
) -> Iterator[tuple[str, bytes]]:
    """Yield the content of blobs by their ids, one at a time, in this order.

    Args:
        repository: A bare repository.
        shas: Full ids.
        max_bytes: The most that one blob may hold.
        cpu_s: Computing time for all of them.

    Raises:
        OverrunError: Git was ended, as this took more computing time.
        ToolError: One is missing, is no blob, or is larger.
    """
    bounded = ["/bin/sh", "-c", f'ulimit -S -t {cpu_s}; exec "$@"', "git"]
    argv = [*bounded, *_argv(repository, ["cat-file", "--batch"])]
    with process.start_tied(
        argv, env=environment(), stdin=process.PIPE, stdout=process.PIPE
    ) as git:
        if git.stdin is None or git.stdout is None:
            raise ToolError("git cat-file was started without its pipes")
        for sha in shas:
            # One question at a time: with all at once, both sides could wait on a full pipe.
            git.stdin.write(sha.encode("ascii") + b"\n")
            git.stdin.flush()
            try:
                content = _blob(git.stdout, sha, max_bytes)
            except EOFError:
                if git.wait(_TIMEOUT_S) == -signal.SIGXCPU:
                    raise OverrunError(f"git was ended after {cpu_s} s of computing") from None
                raise ToolError("git cat-file ended early") from None
            yield sha, content


def tag_commit(repository: Path, ref: str) -> str | None:
    """Return the commit that a ref (`refs/tags/...`) leads to, or None."""
    wanted = f"{ref}^{{commit}}"
    done = _git(repository, ["rev-parse", "--verify", "--quiet", "--end-of-options", wanted])
    found = done.stdout.decode("ascii", "replace").strip().splitlines()
    return found[-1] if done.code == 0 and found else None


def submission_tags(repository: Path) -> dict[str, str]:
    """Return every submission tag with the commit that it leads to.

    Raises:
        ToolError: This is no repository.
    """
    shape = "%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)"
    done = _git(repository, ["for-each-ref", f"--format={shape}", "refs/tags/submission/"])
    if done.code != 0:
        raise ToolError(f"git for-each-ref: {done.error_text}")
    found: dict[str, str] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        ref, kind, sha, *peeled = line.split()
        if kind == "commit":
            found[ref] = sha
        elif peeled[:1] == ["commit"]:
            found[ref] = peeled[1]
        elif (commit := tag_commit(repository, ref)) is not None:  # a tag of a tag
            found[ref] = commit
    return found


def _argv(repository: Path, arguments: Sequence[str]) -> list[str]:
    return ["git", f"--git-dir={repository}", *arguments]


def _git(
    repository: Path, arguments: Sequence[str], *, max_output_bytes: int = 4 * 1024 * 1024
) -> process.Finished:
    return process.run(
        _argv(repository, arguments), env=environment(), timeout_s=_TIMEOUT_S,
        max_output_bytes=max_output_bytes,
    )  # fmt: skip


def _make(path: Path) -> None:
    """Make the repository beside its place and switch it in: nobody ever sees half of one."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    argv = ["git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(fresh)]
    try:
        done = process.run(argv, env=environment(), timeout_s=_TIMEOUT_S)
        if done.code != 0:
            raise ToolError(f"git init: {done.error_text}")
        (fresh / "hooks").mkdir(mode=0o700, exist_ok=True)
        try:
            fresh.rename(path)
        except OSError:
            if not path.is_dir():  # else another request was faster
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _settings(max_push_bytes: int) -> str:
    """Return the repository's whole configuration file."""
    return (
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
        "\tbigFileThreshold = 16m\n"  # larger files are streamed, not held in memory
        "\tpackedGitWindowSize = 16m\n"  # these keep git within the gateway's bound on memory
        "\tpackedGitLimit = 128m\n"
        "[receive]\n"
        "\tfsckObjects = true\n"
        f"\tmaxInputSize = {max_push_bytes}\n"
        "\tunpackLimit = 1\n"  # kept as it was sent: unpacked, it could be a thousand times larger
        "\tautogc = false\n"  # a clean-up in the background would outlive the request
        "\tadvertisePushOptions = false\n"
        "[http]\n\treceivepack = true\n"
        "[gc]\n\tauto = 0\n"
        "[pack]\n\tthreads = 2\n"
        "[uploadpack]\n\tallowFilter = false\n"
    )


def _ensure_file(path: Path, text: str, mode: int) -> None:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    write_whole(path, text.encode("utf-8"), mode=mode)  # a hook that is being run stays whole


def _entry(line: bytes) -> TreeEntry:
    head, tab, path = line.partition(b"\t")
    fields = head.decode("ascii").split()
    if not tab or len(fields) != 4:  # noqa: PLR2004 (mode, type, id, size)
        raise ValueError("not a line of git ls-tree -l")
    mode, kind, sha, size = fields
    return TreeEntry(mode, kind, sha, None if size == "-" else int(size), path)


def _blob(stdout: IO[bytes], sha: str, max_bytes: int) -> bytes:
    line = stdout.readline(200)
    if not line:
        raise EOFError
    head = line.decode("ascii", "replace").split()
    if len(head) != 3 or head[1] != "blob":  # noqa: PLR2004 (id, type, size)
        raise ToolError(f"git has no file of the id {sha}")
    size_bytes = int(head[2])
    if size_bytes > max_bytes:
        raise ToolError(f"the file of the id {sha} is larger than {max_bytes} bytes")
    content = stdout.read(size_bytes + 1)
    if len(content) != size_bytes + 1:
        raise EOFError
    return content[:-1]
