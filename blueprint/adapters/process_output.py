"""Feeds a running program and reads what it prints, within a time and a size."""

import contextlib
import os
import selectors
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Literal

from blueprint.clock import monotonic_s

_CHUNK_BYTES = 64 * 1024
_MAX_STDERR_BYTES = 64 * 1024
# A pipe takes at least this much without blocking once it is ready for writing.
_WRITE_BYTES = 4096


@dataclass(frozen=True)
class Output:
    """What a program printed, and what ended the exchange."""

    ended: Literal["exit", "timeout", "output"]
    stdout: bytes
    stderr: bytes


def exchange(
    popen: subprocess.Popen[bytes], stdin: bytes, *, timeout_s: float, limit_bytes: int
) -> Output:
    """Write `stdin`, read both outputs until the program has ended, the time or the size is over.

    Stdout above `limit_bytes` ends the exchange; stderr beyond its first 64 KiB is dropped.
    """
    deadline = monotonic_s() + timeout_s
    stdout, stderr = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        _watch_stdin(selector, popen.stdin, stdin)
        for stream, kept, bound in (
            (popen.stdout, stdout, limit_bytes + 1),
            (popen.stderr, stderr, _MAX_STDERR_BYTES),
        ):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, _reader(stream, kept, bound))
        ended = _turn(selector, popen, deadline, lambda: len(stdout) > limit_bytes)
    return Output(ended, bytes(stdout), bytes(stderr))


def _turn(
    selector: selectors.BaseSelector,
    popen: subprocess.Popen[bytes],
    deadline: float,
    is_too_much: Callable[[], bool],
) -> Literal["exit", "timeout", "output"]:
    """Serve the pipes until all are at their end and the program has exited."""
    while True:
        left_s = deadline - monotonic_s()
        if left_s <= 0:
            return "timeout"
        if not selector.get_map():
            try:
                popen.wait(left_s)
            except subprocess.TimeoutExpired:
                return "timeout"
            return "exit"
        for key, _ in selector.select(left_s):
            is_open: bool = key.data()
            if not is_open:
                selector.unregister(key.fileobj)
        if is_too_much():
            return "output"


def _reader(stream: IO[bytes], kept: bytearray, bound: int) -> Callable[[], bool]:
    def read() -> bool:
        chunk = os.read(stream.fileno(), _CHUNK_BYTES)
        kept.extend(chunk[: bound - len(kept)])
        return bool(chunk)

    return read


def _watch_stdin(
    selector: selectors.BaseSelector, stream: IO[bytes] | None, content: bytes
) -> None:
    if stream is None:
        return
    left = memoryview(content)

    def write() -> bool:
        nonlocal left
        try:
            left = left[os.write(stream.fileno(), left[:_WRITE_BYTES]) :]
        except BrokenPipeError:
            left = left[:0]
        if not left:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        return bool(left)

    selector.register(stream, selectors.EVENT_WRITE, write)
