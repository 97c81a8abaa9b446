"""Runs the programs that make the bench, with all of their output kept in one log."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from blueprint.adapters import process
from blueprint.errors import ToolError
from tests.stack.bench.cache import CACHE
from tests.stack.bench.errors import BenchError

_TAIL_LINES = 25


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    timeout_s: float = 2 * 3600,
) -> str:
    """Run a program to its end and return what it printed on stdout.

    Args:
        argv: The program and its arguments; no shell reads them.
        cwd: Where it runs; by default here.
        env: What its environment holds beyond ours. Builds need ours: it names the machine's
            certificates and package mirrors.
        stdin: What it reads; by default nothing.
        timeout_s: After this it is killed.

    Raises:
        BenchError: The program is missing, failed or ran too long; with its last lines.
    """
    words = [str(word) for word in argv]
    log = log_file("commands")
    with (
        log.open("ab") as errors,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as asks,
    ):
        errors.write(f"$ {' '.join(words)}\n".encode())
        errors.flush()
        start = errors.tell()
        asks.write(stdin or b"")
        asks.seek(0)
        try:
            # Tied: what a killed run was building must not go on beside the next one's.
            child = process.start_tied(
                words, cwd=cwd, env={**os.environ, **(env or {})},
                stdin=asks, stdout=said, stderr=errors,
            )  # fmt: skip
        except ToolError as error:
            raise BenchError(str(error)) from None
        with child:
            code = child.wait(timeout_s)
        said.seek(0)
        output = said.read().decode("utf-8", "replace")
    if code is None:
        raise BenchError(f"{words[0]} did not end within {timeout_s:g} s: see {log}")
    if code:
        everything = _since(log, start) + output
        raise BenchError(f"`{' '.join(words)}` failed ({code}):\n{last_lines(everything)}")
    return output


def log_file(name: str) -> Path:
    """Return the log of this process for `name`."""
    folder = CACHE / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{os.getpid()}.log"


def last_lines(text: str) -> str:
    """Return the end of a program's output: what a person reads first when it failed."""
    return "\n".join(text.splitlines()[-_TAIL_LINES:])


def _since(log: Path, start: int) -> str:
    with log.open("rb") as reading:
        reading.seek(start)
        return reading.read().decode("utf-8", "replace")
