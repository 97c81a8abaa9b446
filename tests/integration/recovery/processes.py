"""Processes and what they started, and patience."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 180.0


def wait_until(is_true: Callable[[], object], what: str, *, within_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < end, f"not within {within_s:g} s: {what}"
        time.sleep(0.01)


@dataclass(frozen=True)
class Process:
    """One process, told apart from a later one of the same id."""

    pid: int
    parent: int
    started: str
    argv: str

    @classmethod
    def read(cls, pid: int) -> "Process | None":
        """Return the process, None when it has ended (a zombie has)."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            argv = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        except OSError:
            return None
        return None if fields[0] in "ZX" else cls(pid, int(fields[1]), fields[19], argv)

    @property
    def is_alive(self) -> bool:
        now = self.read(self.pid)
        return now is not None and now.started == self.started


def all_processes() -> list[Process]:
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [process for pid in pids if (process := Process.read(pid)) is not None]


def descendants(pid: int) -> list[Process]:
    """Return everything that a process started, and what that started."""
    everybody, found, parents = all_processes(), [], {pid}
    while parents:
        children = [one for one in everybody if one.parent in parents]
        found += children
        parents = {one.pid for one in children}
    return found


def kill_if_there(process: Process) -> None:
    try:
        os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
