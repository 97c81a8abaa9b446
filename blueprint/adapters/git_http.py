"""Runs git's own smart-HTTP backend as a streamed child: nothing of a push is held in memory."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from blueprint.errors import ToolError

CHUNK_BYTES = 65_536
_MAX_HEAD_LINES = 50
_MAX_SAID_BYTES = 2_000
_MEMORY_KIB = 1024**2
"""What one git process may take: a few bytes of a pack can claim to unpack into gigabytes."""
_BOUNDED_GIT = ("/bin/sh", "-c", f"ulimit -v {_MEMORY_KIB}; exec git http-backend")


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

    def __init__(self, process: asyncio.subprocess.Process) -> None:
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
                *_BOUNDED_GIT,
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
        return cls(process)

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
        """Return the next part of the answer, empty at its end."""
        return await self._stdout.read(CHUNK_BYTES)

    async def said(self) -> str:
        """Return the end of what the backend wrote to its error stream (for our log)."""
        return await self._said

    def kill(self) -> None:
        """End the backend and everything that it started, at once.

        What it had received of a push stays behind: git tidies up after itself only when it
        ends by itself (see `adapters.git.remove_leftovers`).
        """
        self.was_killed = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Make sure that nothing of the backend is left; safe to call at any time."""
        if self._process.returncode is None:
            self.kill()
        with contextlib.suppress(OSError):
            self._stdin.close()
        await self._process.wait()
        await self._said


async def _read_tail(stream: asyncio.StreamReader) -> str:
    tail = b""
    while chunk := await stream.read(CHUNK_BYTES):
        tail = (tail + chunk)[-_MAX_SAID_BYTES:]
    return tail.decode("utf-8", "replace").strip()
