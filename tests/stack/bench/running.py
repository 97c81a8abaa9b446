"""Starts a server and waits until it answers; it ends with the process that started it."""

import os
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from blueprint.adapters import process
from tests.stack.bench import cache, progress
from tests.stack.bench.commands import last_lines
from tests.stack.bench.errors import BenchError

_PATIENCE_S = 600.0
_PAUSE_S = 0.25


@contextmanager
def running(
    argv: Sequence[str | Path],
    *,
    log: Path,
    is_ready: Callable[[], bool],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[None]:
    """Run a server inside the block: entered when it answers, ended with its process group.

    Raises:
        BenchError: It ended while it was starting, or never answered; with its last lines.
    """
    name = Path(argv[0]).name
    with log.open("ab") as output:
        child = process.start_tied(
            [str(word) for word in argv],
            cwd=cwd,
            env={**process.plain_environment(), **(env or {})},
            stdout=output,
            stderr=process.STDOUT,
        )
    with child:
        until = time.monotonic() + _PATIENCE_S
        with progress.step(f"starting {name}"):
            while not is_ready():
                if child.poll() is not None:
                    raise BenchError(f"{name} ended while it was starting:\n{_said(log)}")
                if time.monotonic() > until:
                    raise BenchError(f"{name} does not answer:\n{_said(log)}")
                time.sleep(_PAUSE_S)
        yield


def answers(url: str, *, code: int = 200, authority: Path | None = None) -> Callable[[], bool]:
    """Return a check whether a GET of `url` is answered as it is when the server is ready.

    Args:
        url: What is asked for.
        code: The status of the answer.
        authority: Who signed the server's certificate, where it speaks TLS.
    """
    # Once for all questions: to read the machine's certificates takes longer than an answer.
    trusted = ssl.create_default_context(cafile=str(authority) if authority else None)

    def is_ready() -> bool:
        try:
            answer = httpx.get(url, verify=trusted, timeout=5, trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == code

    return is_ready


def listens(host: str, port: int) -> Callable[[], bool]:
    """Return a check whether a server takes connections."""

    def is_ready() -> bool:
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError:
            return False
        return True

    return is_ready


def free_ports(count: int, address: str = "127.0.0.1") -> list[int]:
    """Return ports that were free a moment ago, each one different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((address, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def server_folder(name: str) -> Iterator[Path]:
    """Give a server a new folder with a short path, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"dcb-{name}-"))
    try:
        yield folder
    finally:
        cache.remove(folder)


def hand_over(folder: Path, user_id: int) -> None:
    """Make everything in `folder` belong to `user_id`, for a server that refuses to be root."""
    os.chown(folder, user_id, user_id)
    for path in folder.rglob("*"):
        os.chown(path, user_id, user_id, follow_symlinks=False)


def _said(log: Path) -> str:
    return last_lines(log.read_text("utf-8", "replace"))
