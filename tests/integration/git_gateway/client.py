"""The gateway's address, git's own client, and pushes that are put together by hand."""

import asyncio
import contextlib
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from blueprint.serve.git_requests import LiveRequests

MAX_PUSH = 3 * 1024**2
MAX_REPOSITORY = 10 * 1024**2


@dataclass
class Running:
    url: str
    port: int
    live: LiveRequests
    repositories: Path
    loop: asyncio.AbstractEventLoop

    def remote(self, user: str = "ada", token: str = "good-token", team: str = "voxels") -> str:
        return f"http://{user}:{token}@127.0.0.1:{self.port}/git/{team}.git"


def git(cwd: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "LC_ALL": "C.UTF-8",
        "no_proxy": "*",
    }
    done = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"git {arguments}: {done.stderr}")
    return done


def add_noise(work: Path, size_bytes: int) -> None:
    (work / "noise.bin").write_bytes(os.urandom(size_bytes))  # does not compress
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message=noise")


def wait_until(is_true, timeout_s: float = 20) -> None:
    end = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def running_git() -> list[str]:
    """Return the git backends that this process has started."""
    found = subprocess.run(
        ["pgrep", "--full", "git http-backend"], capture_output=True, text=True, check=False
    )
    mine = []
    for pid in found.stdout.split():
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if status[1] == str(os.getpid()) and status[0] != "Z":
                mine.append(pid)
    return mine


def push_head(size: str) -> bytes:
    return (
        "POST /git/voxels.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
        "Authorization: Basic YWRhOmdvb2QtdG9rZW4=\r\n"
        f"Content-Type: application/x-git-receive-pack-request\r\n{size}\r\n\r\n"
    ).encode()


def post_push(gateway: Running, body: bytes, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{gateway.url}/git/voxels.git/git-receive-pack",
        content=body,
        headers={"content-type": "application/x-git-receive-pack-request", **headers},
        auth=("ada", "good-token"),
        timeout=60,
    )


def command(ref: str, capabilities: str = "") -> bytes:
    line = f"{'0' * 40} {'a' * 40} {ref}".encode() + (b"\0" + capabilities.encode())
    return b"%04x" % (len(line) + 4) + line


REPORT = " report-status side-band-64k"
