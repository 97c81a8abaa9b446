"""Finds and measures the processes of a run, through a /proc opened before the walls went up."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_READ_BYTES = 64 * 1024
_TOO_MANY = 1_000_000
_HIDDEN_LOOKS = 40


class ProcessTree:
    """The processes below one process; orphans are adopted by it or by process 1 of the run."""

    def __init__(self, proc_fd: int, root: int) -> None:
        self._proc_fd = proc_fd
        self._root = root
        self._hidden: dict[int, int] = {}

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

    def sockets(self, first: int, *, is_namespaced: bool) -> int:
        """Return how many sockets the run has: each holds some 200 KiB of the kernel's memory.

        Args:
            first: The run's first process, which is ours and has none.
            is_namespaced: Its network namespace counts them. Else the open files are looked
                through; a process that can never be looked into counts as one with too many.
        """
        if is_namespaced:
            told = _read(self._proc_fd, f"{first}/net/sockstat").split()
            return int(told[2]) if told[:2] == [b"sockets:", b"used"] else 0
        return sum(self._open_sockets(one) for one in self.processes() if one != first)

    def kills_for_memory(self) -> int:
        """Return how often this machine's kernel has killed a process, ever, to get memory."""
        for line in _read(self._proc_fd, "vmstat").splitlines():
            name, _, number = line.partition(b" ")
            if name == b"oom_kill":
                return int(number)
        return 0  # before Linux 4.13

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

    def _open_sockets(self, process: int) -> int:
        folder = self._open_folder(process)
        if folder is None:
            # So is one that has ended, and one of ours that has not yet become the program.
            looks = self._hidden[process] = self._hidden.get(process, 0) + 1
            return _TOO_MANY if looks > _HIDDEN_LOOKS and self._resident_bytes(process) else 0
        try:
            links = (_link(folder, name) for name in os.listdir(folder))
            return sum(link.startswith("socket:") for link in links)
        except OSError:
            return 0
        finally:
            os.close(folder)

    def _open_folder(self, process: int) -> int | None:
        """Return the folder of a process's open files, as one of its threads shows it."""
        for shown in (str(process), *self._threads(process)):
            with contextlib.suppress(OSError):
                return os.open(f"{shown}/fd", os.O_RDONLY, dir_fd=self._proc_fd)
        return None

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


def _link(folder_fd: int, name: str) -> str:
    try:
        return os.readlink(name, dir_fd=folder_fd)
    except OSError:  # closed meanwhile
        return ""


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
