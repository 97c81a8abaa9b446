"""Tells whether the platform of a state folder runs, which process it is, and stops it.

The truth is the kernel's lock on `platform.lock`: it ends with the process, however that ends.
A process id alone proves nothing, since the kernel gives it to somebody else later; a process
counts as the platform only while it holds the lock file open.
"""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from blueprint.clock import monotonic_s
from blueprint.errors import BlueprintError
from blueprint.state import StateFolder

PROC = Path("/proc")
_POLL_S = 0.02
_PATIENCE_S = 15.0
"""The platform itself takes up to 10 s to end what is under way."""
_KILL_WAIT_S = 5.0

Ending = Literal["not running", "stopped", "killed"]


def is_running(state: StateFolder) -> bool:
    """Tell whether a live process holds the platform's lock."""
    try:
        descriptor = os.open(state.lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def was_cut_off(state: StateFolder) -> bool:
    """Tell whether the platform ended without being stopped: a kill, a crash, a reboot."""
    return state.pid.exists() and not is_running(state)


def platform_pid(state: StateFolder) -> int | None:
    """Return the id of the process that runs the platform, or None.

    None where it does not run, and where it runs but cannot be seen from here (another user's
    process, or one in another container).
    """
    if not is_running(state):
        return None
    for pid in _candidates(state):
        if pid != os.getpid() and _holds(pid, state.lock):
            return pid
    return None


def started_at(pid: int) -> datetime | None:
    """Return when a process was started, or None when it is gone."""
    try:
        after_name = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        boot_line = next(
            line for line in (PROC / "stat").read_text().splitlines() if line.startswith("btime")
        )
    except (OSError, StopIteration):
        return None
    ticks = int(after_name[19])
    epoch_s = int(boot_line.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(epoch_s, UTC)


def stop(state: StateFolder, *, patience_s: float = _PATIENCE_S) -> Ending:
    """Make sure that the platform does not run: SIGTERM, and SIGKILL when that is not enough.

    Raises:
        BlueprintError: It runs where this user cannot end it.
    """
    if not is_running(state):
        # What a kill left behind would make the next `status` tell of a crash.
        state.pid.unlink(missing_ok=True)
        return "not running"
    pid = platform_pid(state)
    if pid is None:
        raise BlueprintError(
            f"{state.root}: the platform runs as a process that cannot be seen from here",
            hint="stop it as the user, or in the container, that started it",
        )
    if _end(state, pid, signal.SIGTERM, patience_s):
        return "stopped"
    if _end(state, pid, signal.SIGKILL, _KILL_WAIT_S):
        state.pid.unlink(missing_ok=True)
        return "killed"
    raise BlueprintError(f"process {pid} does not end", hint=f"see its log: {state.log}")


def _end(state: StateFolder, pid: int, number: signal.Signals, patience_s: float) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    except PermissionError:
        raise BlueprintError(
            f"process {pid} belongs to another user", hint="run the command as that user"
        ) from None
    until = monotonic_s() + patience_s
    while is_running(state):
        if monotonic_s() > until:
            return False
        time.sleep(_POLL_S)
    return True


def _candidates(state: StateFolder) -> Iterator[int]:
    """Yield the noted process id first, then every process there is."""
    # The note is a shortcut; without it every process is looked at.
    with contextlib.suppress(OSError, ValueError):
        yield int(state.pid.read_text(encoding="ascii"))
    for process in PROC.iterdir():
        if process.name.isdigit():
            yield int(process.name)


def _holds(pid: int, lock: Path) -> bool:
    """Tell whether a process holds the lock file open."""
    wanted = lock.stat()
    try:
        for descriptor in (PROC / str(pid) / "fd").iterdir():
            try:
                opened = descriptor.stat()
            except OSError:
                continue
            if (opened.st_dev, opened.st_ino) == (wanted.st_dev, wanted.st_ino):
                return True
    except OSError:
        return False
    return False
