"""Starts other programs: bounded ones that are waited for, and ones tied to this process's life."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from blueprint.adapters.process_output import exchange
from blueprint.errors import ToolError

DEVNULL = subprocess.DEVNULL
PIPE = subprocess.PIPE
STDOUT = subprocess.STDOUT
Stream = int | IO[bytes]
"""DEVNULL, PIPE, STDOUT (for stderr alone), a file descriptor or an open binary file."""

_LAUNCHER = Path(__file__).with_name("tied_launcher.py")
_KILL_WAIT_S = 10.0


@dataclass(frozen=True)
class Finished:
    """A program that ended: its exit code (below 0: the signal that ended it) and its output."""

    code: int
    stdout: bytes
    stderr: bytes
    """At most the first 64 KiB."""

    @property
    def error_text(self) -> str:
        """What the program said on stderr, as one text that can be shown."""
        return self.stderr.decode("utf-8", "replace").strip()


def plain_environment() -> dict[str, str]:
    """Return what a program needs to start, and none of the secrets that the caller may hold."""
    kept = ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {"PATH": os.defpath, **environment, "LANG": "C.UTF-8"}


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    timeout_s: float,
    max_output_bytes: int = 16 * 1024 * 1024,
) -> Finished:
    """Run a program to its end; a non-zero exit code is the caller's to judge.

    Args:
        argv: The program and its arguments; no shell ever reads them.
        cwd: Where it runs; by default here.
        env: Its whole environment; by default `plain_environment()`.
        stdin: What it reads; by default nothing.
        timeout_s: After this it is killed with everything in its session's process group.
        max_output_bytes: A program that prints more on stdout is killed.

    Raises:
        ToolError: The program is missing, ran past `timeout_s` or printed too much.
    """
    name = Path(argv[0]).name
    with _popen(argv, cwd=cwd, env=env, stdin=DEVNULL if stdin is None else PIPE) as popen:
        try:
            output = exchange(
                popen, stdin or b"", timeout_s=timeout_s, limit_bytes=max_output_bytes
            )
        finally:
            # Also on the good way out: what it left in its group must not outlive the call.
            _kill_group(popen)
    if output.ended == "timeout":
        raise ToolError(f"{name} did not end within {timeout_s:g} s and was killed")
    if output.ended == "output":
        raise ToolError(f"{name} printed more than {max_output_bytes} bytes and was killed")
    return Finished(popen.returncode, output.stdout, output.stderr)


class Child:
    """A running program; leaving the `with` block ends it.

    A tied child dies with everything in its process group when `kill` is called or when this
    process ends, however it ends: the launcher beside it sees the pipe close.
    """

    def __init__(self, popen: subprocess.Popen[bytes], tie_fd: int | None = None) -> None:
        self._popen = popen
        self._tie_fd = tie_fd
        self.pid = popen.pid
        self.stdin, self.stdout, self.stderr = popen.stdin, popen.stdout, popen.stderr

    def poll(self) -> int | None:
        """Return the exit code (below 0: a signal), or None while it runs."""
        return self._popen.poll()

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Return the exit code, or None when it still runs after `timeout_s`."""
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End the program and its process group, and wait for that; idempotent."""
        if self._tie_fd is None:
            _kill_group(self._popen)
            self._popen.wait()
        else:
            self._cut_tie()
            if self.wait(_KILL_WAIT_S) is None:
                self._popen.kill()
                self._popen.wait()

    def _cut_tie(self) -> None:
        if self._tie_fd is not None:
            os.close(self._tie_fd)
            self._tie_fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self.poll() is None:
            self.kill()
        self._cut_tie()
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                _close_quietly(stream)


def start(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: Stream = DEVNULL,
    stdout: Stream = DEVNULL,
    stderr: Stream = DEVNULL,
) -> Child:
    """Start a program in a session of its own; it may outlive this process.

    Raises:
        ToolError: The program is missing.
    """
    return Child(_popen(argv, cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr))


def start_tied(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: Stream = DEVNULL,
    stdout: Stream = DEVNULL,
    stderr: Stream = DEVNULL,
) -> Child:
    """Start a program that cannot outlive this process, not even its kill -9.

    Raises:
        ToolError: The program is missing.
    """
    _find_program(argv[0], env)
    read_fd, tie_fd = os.pipe()
    try:
        popen = _popen(
            tied_argv(read_fd, argv),
            cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=(read_fd,),
        )  # fmt: skip
    except BaseException:
        os.close(tie_fd)
        raise
    finally:
        os.close(read_fd)
    return Child(popen, tie_fd)


def tied_argv(tie_fd: int, argv: Sequence[str]) -> list[str]:
    """Return the command that runs `argv` until the pipe whose reading end is `tie_fd` closes.

    The caller passes that descriptor on and keeps the other end, which is closed when it dies.
    """
    return [sys.executable, "-I", "-S", str(_LAUNCHER), str(tie_fd), *argv]


def _popen(
    argv: Sequence[str],
    *,
    cwd: Path | None,
    env: Mapping[str, str] | None,
    stdin: Stream = DEVNULL,
    stdout: Stream = PIPE,
    stderr: Stream = PIPE,
    pass_fds: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, whose group can be ended as a whole."""
    environment = dict(plain_environment() if env is None else env)
    try:
        return subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
            start_new_session=True,
        )
    except FileNotFoundError:
        if cwd is not None and not cwd.is_dir():
            raise ToolError(f"cannot run {argv[0]} in {cwd}: no such folder") from None
        raise _missing(argv[0]) from None
    except OSError as error:
        # A folder of PATH that we may not enter makes "permission denied" of "not found".
        if shutil.which(argv[0], path=environment.get("PATH", os.defpath)) is None:
            raise _missing(argv[0]) from None
        raise ToolError(f"cannot run {argv[0]}: {error.strerror}") from None


def _find_program(name: str, env: Mapping[str, str] | None) -> None:
    """Make sure that a tied program exists: behind the launcher it could only fail with 127."""
    environment = plain_environment() if env is None else env
    if shutil.which(name, path=environment.get("PATH", os.defpath)) is None:
        raise _missing(name)


def _missing(name: str) -> ToolError:
    return ToolError(f"{name} is not installed", hint=f"install {name} and make sure PATH has it")


def _kill_group(popen: subprocess.Popen[bytes]) -> None:
    # The group's id is the leader's: it stays taken while a member lives, so no one else is hit
    # unless the leader was reaped and its id reused, for which the group must be empty first.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(popen.pid, signal.SIGKILL)


def _close_quietly(stream: IO[bytes]) -> None:
    # Closing flushes, and the reader of what is left to flush may be gone.
    with contextlib.suppress(BrokenPipeError):
        stream.close()
