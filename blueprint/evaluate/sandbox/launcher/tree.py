"""Finds and measures the processes of a run, through a /proc opened before the walls went up."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_READ_BYTES = 64 * 1024


class ProcessTree:
    """The processes below one process; orphans are adopted by it or by process 1 of the run."""

    def __init__(self, proc_fd: int, root: int) -> None:
        self._proc_fd = proc_fd
        self._root = root

    def processes(self) -> Iterator[int]:
        """Yield the process ids below the root; what ends or starts meanwhile may be missed."""
        waiting, seen = [self._root], {self._root}
        while waiting:
            for child in self._children(waiting.pop()):
                if child not in seen:
                    seen.add(child)
                    waiting.append(child)
                    yield child

    def memory_bytes(self, limit_bytes: int) -> int:
        """Return what the run holds in memory, exactly only where it matters.

        The sum of resident pages counts shared ones once for each process. It is cheap, and when
        it is within the limit so is the truth. Else the kernel is asked for proportional shares.
        """
        processes = list(self.processes())
        resident = sum(map(self._resident_bytes, processes))
        if resident <= limit_bytes:
            return resident
        return sum(map(self._proportional_bytes, processes))

    def kill(self, *, within_s: float = 5.0) -> None:
        """Kill all of them, again and again until none is left: a fork may outrun one round."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            alive = list(self.processes())
            for process in alive:
                _signal(process, signal.SIGKILL)
            if not _reap() and not alive:
                return
            time.sleep(0.001)

    def _children(self, process: int) -> list[int]:
        found: list[int] = []
        try:
            task_fd = os.open(f"{process}/task", os.O_RDONLY, dir_fd=self._proc_fd)
        except OSError:
            return found
        try:
            for thread in os.listdir(task_fd):
                found += map(int, _read(task_fd, f"{thread}/children").split())
        except OSError:
            pass  # it ended while its threads were listed
        finally:
            os.close(task_fd)
        return found

    def _resident_bytes(self, process: int) -> int:
        fields = _read(self._proc_fd, f"{process}/statm").split()
        return int(fields[1]) * _PAGE_BYTES if fields else 0

    def _proportional_bytes(self, process: int) -> int:
        for line in _read(self._proc_fd, f"{process}/smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
        return self._resident_bytes(process)


def _read(folder_fd: int, name: str) -> bytes:
    """Return a file of /proc, empty where the process has ended or may not be looked at."""
    try:
        fd = os.open(name, os.O_RDONLY, dir_fd=folder_fd)
    except OSError:
        return b""
    try:
        return os.read(fd, _READ_BYTES)
    except OSError:
        return b""
    finally:
        os.close(fd)


def _signal(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, number)


def _reap() -> bool:
    """Bury the children that have ended; return whether there are any left."""
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if ended == 0:
            return True
