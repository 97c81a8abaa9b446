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
        for thread in self._threads(process):
            found += map(int, _read(self._proc_fd, f"{process}/task/{thread}/children").split())
        return found

    def _resident_bytes(self, process: int) -> int:
        for content in self._told(process, "statm"):
            if pages := int(content.split()[1]):
                return pages * _PAGE_BYTES
        return 0

    def _proportional_bytes(self, process: int) -> int:
        for content in self._told(process, "smaps_rollup"):
            for line in content.splitlines():
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
        return self._resident_bytes(process)

    def _told(self, process: int, name: str) -> Iterator[bytes]:
        """Yield a file about a process's memory, as each of its threads tells it.

        They share it; but a thread that has ended, as the first one may, says there is none.
        """
        if content := _read(self._proc_fd, f"{process}/{name}"):
            yield content
        for thread in self._threads(process):
            if content := _read(self._proc_fd, f"{thread}/{name}"):
                yield content

    def _threads(self, process: int) -> list[str]:
        try:
            task_fd = os.open(f"{process}/task", os.O_RDONLY, dir_fd=self._proc_fd)
        except OSError:
            return []
        try:
            return os.listdir(task_fd)
        except OSError:
            return []  # it ended while its threads were listed
        finally:
            os.close(task_fd)


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
