"""Reads repositories on another server with git: lists refs, and fetches one commit by its id."""

import base64
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from blueprint.adapters import process
from blueprint.adapters.git import environment
from blueprint.errors import InputError, ToolError

_LIST_S = 60.0
_FETCH_S = 300.0
_CPU_S = 120
_MEMORY_KIB = 1024**2
_FILE_BLOCKS = 1024**2
"""The largest file that a fetch may write, in blocks of 512 bytes: 512 MiB."""
_SCHEMES = ("https", "http", "file")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# Nothing of the other side runs here: no hooks, no redirects elsewhere, no clean-up afterwards.
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
    "maintenance.auto": "false",
    "pack.threads": "2",
    "protocol.version": "2",
    "submodule.recurse": "false",
}


@dataclass(frozen=True)
class Remote:
    """One repository on a server, and who reads it."""

    url: str
    username: str = ""
    token: str = field(default="", repr=False)

    @property
    def scheme(self) -> str:
        """The URL's scheme: the only protocol that git may use for it.

        Raises:
            InputError: It is none that is read from.
        """
        scheme, colon, _ = self.url.partition("://")
        if not colon or scheme not in _SCHEMES:
            raise InputError(
                f"{self.url}: repositories are read over {', '.join(_SCHEMES)}",
                hint="write the address of the git server with its scheme",
            )
        return scheme


def list_refs(remote: Remote, *patterns: str) -> dict[str, str]:
    """Return the refs that match, with what each leads to: a tag object's own target.

    Raises:
        ToolError: The repository cannot be read.
    """
    done = _git(remote, ["ls-remote", "--", remote.url, *patterns], timeout_s=_LIST_S)
    if done.code != 0:
        raise ToolError(f"git ls-remote: {_reason(done)}")
    found: dict[str, str] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        sha, _, ref = line.partition("\t")
        # The peeled line of a tag object, `<ref>^{}`, comes right behind its own.
        found[ref.removesuffix("^{}")] = sha
    return found


@contextmanager
def fetched(remote: Remote, commit: str, scratch: Path) -> Iterator[Path]:
    """Give a bare repository that holds one commit and what it needs; it is removed afterwards.

    Raises:
        ToolError: The commit is not there, or the repository cannot be read.
    """
    if not _COMMIT.fullmatch(commit):
        raise ToolError(f"{commit!r} is no commit's id")
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="fetch-", dir=scratch))
    try:
        make = ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(folder)]
        fetch = [
            f"--git-dir={folder}", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
            "--no-recurse-submodules", "--no-auto-maintenance", "--depth=1", "--", remote.url,
            commit,
        ]  # fmt: skip
        for words in (make, fetch):
            done = _git(remote, words, timeout_s=_FETCH_S)
            if done.code != 0:
                raise ToolError(f"git cannot fetch {commit}: {_reason(done)}")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _git(remote: Remote, words: Sequence[str], *, timeout_s: float) -> process.Finished:
    bounds = f"ulimit -v {_MEMORY_KIB}; ulimit -t {_CPU_S}; ulimit -f {_FILE_BLOCKS}"
    argv = ["/bin/sh", "-c", f'{bounds}; exec "$@"', "git", "git", *words]
    return process.run(argv, env=_environment(remote), timeout_s=timeout_s)


def _environment(remote: Remote) -> dict[str, str]:
    """Return git's whole environment; the token is in it, and in no argument that others see."""
    settings = dict(_SETTINGS)
    if remote.token:
        pair = base64.b64encode(f"{remote.username}:{remote.token}".encode()).decode("ascii")
        settings["http.extraHeader"] = f"Authorization: Basic {pair}"
    numbered: dict[str, str] = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment() | numbered | {"GIT_ALLOW_PROTOCOL": remote.scheme}


def _reason(done: process.Finished) -> str:
    return done.error_text.removeprefix("fatal: ") or f"it ended with code {done.code}"
