"""Runs git's own smart-HTTP backend as a streamed child: nothing of a push is held in memory."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from blueprint.adapters.push_report import PushReport
from blueprint.clock import monotonic_s
from blueprint.errors import ToolError

CHUNK_BYTES = 65_536
_MAX_HEAD_LINES = 50
_MAX_SAID_BYTES = 2_000
_MEMORY_KIB = 1024**2
"""What one git process may take: a few bytes of a pack can claim to unpack into gigabytes."""
_OVERRUN = """\
refused: git gave up on unpacking this push after {cpu_s} s of computing time;
refused: nothing was stored, and no quota was used.
hint: it holds long chains of differences: `git repack -a -d -f --depth=20`, and push again
"""
_ENDED = """\
git did not come to an end with this push within {answer_s:g} s, and was ended.
Look at `git ls-remote` and at your submissions in the portal before you push again.
"""


@dataclass(frozen=True)
class GitBounds:
    """What one request may cost."""

    push_cpu_s: int = 30
    """Computing time of each process of a push: 100 KB of deltas can keep git busy for hours."""
    fetch_cpu_s: int = 600
    answer_s: float = 300.0
    """How long git may take for a push that was sent to its end, its hooks included."""


@dataclass(frozen=True)
class BackendRequest:
    """One request for `git http-backend`, as the Common Gateway Interface (RFC 3875) has it."""

    repositories: Path
    """The folder that holds the bare repositories."""
    path: str
    """Below that folder, `/<team>.git/<service>`; checked by the caller."""
    method: str
    query: str
    user: str
    headers: Mapping[str, str]
    """Lower-case names; only those that the backend reads are passed on."""
    variables: Mapping[str, str]
    """Further environment, which the repository's hooks inherit."""
    bounds: GitBounds = GitBounds()

    @property
    def is_push(self) -> bool:
        """Whether objects come in with the body."""
        return self.method == "POST" and self.path.endswith("/git-receive-pack")


@dataclass(frozen=True)
class BackendHead:
    """The status and the headers with which the backend's answer begins."""

    status: int
    headers: tuple[tuple[str, str], ...]


def backend_environment(request: BackendRequest) -> dict[str, str]:
    """Return the whole environment of the child: nothing of the platform's own is inherited."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PROJECT_ROOT": str(request.repositories),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": request.path,
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query,
        "REMOTE_USER": request.user,
        **request.variables,
    }
    names = {
        "content-type": "CONTENT_TYPE",
        "content-length": "CONTENT_LENGTH",
        "git-protocol": "HTTP_GIT_PROTOCOL",
    }
    passed = {names[key]: value for key, value in request.headers.items() if key in names}
    return environment | passed


class GitHttpBackend:
    """One running `git http-backend` with its receive-pack, index-pack and hooks."""

    def __init__(self, process: asyncio.subprocess.Process, request: BackendRequest) -> None:
        bounds = request.bounds
        self._answer_s = bounds.answer_s
        overrun = _OVERRUN.format(cpu_s=bounds.push_cpu_s)
        self._report = PushReport(overrun) if request.is_push else None
        self._is_overdue = False
        self._deadline_s: float | None = None
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ToolError("git http-backend was started without its pipes")
        self._process = process
        self.was_killed = False
        self._stdin, self._stdout = process.stdin, process.stdout
        self._said = asyncio.create_task(_read_tail(process.stderr))

    @classmethod
    async def start(cls, request: BackendRequest) -> Self:
        """Start the backend in a session of its own, so that it can be ended as a whole.

        Raises:
            ToolError: git cannot be started.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *_bounded_git(request),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=backend_environment(request),
                cwd="/",
                start_new_session=True,
                limit=CHUNK_BYTES,
            )
        except OSError as error:
            raise ToolError(f"git http-backend cannot be started: {error.strerror}") from None
        return cls(process, request)

    async def write(self, chunk: bytes) -> None:
        """Pass a part of the body on, no faster than the backend reads it.

        Raises:
            OSError: The backend has stopped reading.
        """
        self._stdin.write(chunk)
        await self._stdin.drain()

    def close_input(self) -> None:
        """Say that the body has ended."""
        self._stdin.close()
        if self._report is not None:
            self._deadline_s = monotonic_s() + self._answer_s

    async def read_head(self) -> BackendHead:
        """Return how the answer begins.

        Raises:
            ToolError: The backend ended or spoke before it gave a proper head.
        """
        status = 200
        headers: list[tuple[str, str]] = []
        for _ in range(_MAX_HEAD_LINES):
            try:
                line = await self._stdout.readuntil(b"\n")
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                raise ToolError(f"git http-backend gave no answer: {await self.said()}") from None
            text = line.decode("latin-1").strip()
            if not text:
                return BackendHead(status, tuple(headers))
            name, _, value = (part.strip() for part in text.partition(":"))
            if name.lower() == "status":
                status = int(value[:3])
            else:
                headers.append((name.lower(), value))
        raise ToolError("git http-backend gave too many headers")

    async def read(self) -> bytes:
        """Return the next part of the answer, empty at its end.

        A push that overruns its time is ended, with words behind what was answered so far.
        """
        if self._report is None:
            return await self._stdout.read(CHUNK_BYTES)
        while not self._is_overdue:
            try:
                async with asyncio.timeout(self._left_s()):
                    chunk = await self._stdout.read(CHUNK_BYTES)
            except TimeoutError:
                self._is_overdue = True
                self._end_group()
                return self._report.ended(_ENDED.format(answer_s=self._answer_s))
            if passed := self._report.pass_on(chunk):
                return passed
            if not chunk:
                return b""
        return b""

    def _left_s(self) -> float | None:
        return None if self._deadline_s is None else max(0.0, self._deadline_s - monotonic_s())

    async def said(self) -> str:
        """Return the end of what the backend wrote to its error stream (for our log)."""
        return await self._said

    def kill(self) -> None:
        """End the backend and everything that it started, at once.

        What it had received of a push stays behind: git tidies up after itself only when it
        ends by itself (see `adapters.git.remove_leftovers`).
        """
        self.was_killed = True
        self._end_group()

    def _end_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Make sure that nothing of the backend is left; safe to call at any time."""
        if self._process.returncode is None or self._is_overdue:
            self.kill()
        with contextlib.suppress(OSError):
            self._stdin.close()
        while await self._stdout.read(CHUNK_BYTES):
            pass  # asyncio waits for the end of a pipe before it tells that the process ended
        await self._process.wait()
        await self._said


async def _read_tail(stream: asyncio.StreamReader) -> str:
    tail = b""
    while chunk := await stream.read(CHUNK_BYTES):
        tail = (tail + chunk)[-_MAX_SAID_BYTES:]
    return tail.decode("utf-8", "replace").strip()


def _bounded_git(request: BackendRequest) -> tuple[str, ...]:
    """Return the command: every process that git starts inherits its bounds."""
    bounds = request.bounds
    is_push = "git-receive-pack" in (request.path + request.query)
    cpu_s = bounds.push_cpu_s if is_push else bounds.fetch_cpu_s
    return (
        "/bin/sh", "-c", f"ulimit -v {_MEMORY_KIB}; ulimit -t {cpu_s}; exec git http-backend",
    )  # fmt: skip
