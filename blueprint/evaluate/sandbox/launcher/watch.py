"""Watches a run from outside: its log, clock, memory and disk, and whether it is still wanted."""

import json
import os
import select
import time
from dataclasses import dataclass, field

from blueprint.evaluate.sandbox.launcher.log import BoundedLog
from blueprint.evaluate.sandbox.launcher.spec import Bounds, LauncherError
from blueprint.evaluate.sandbox.launcher.tree import ProcessTree

_CHUNK_BYTES = 256 * 1024
_TICK_S = 0.025
_SLOW_TICKS = 10
_MAX_SOCKETS = 512
_SETUP_S = 20.0
_MIB = 1024 * 1024
_RESERVE_BYTES = 1024 * _MIB


@dataclass(frozen=True)
class Pipes:
    """The reading ends that a watch serves."""

    control_fd: int
    """Held open by the platform for as long as it wants the run."""
    report_fd: int
    """Lines of JSON from the first process inside."""
    log_fd: int
    """What the program prints."""


@dataclass
class Verdict:
    """What a watch has found so far."""

    ended: str = ""
    """A limit that was met, or `cancelled`; empty where the program ended by itself."""
    detail: str = ""
    status: int | None = None
    """The program's wait status; None where it did not end by itself."""
    wall_s: float = 0.0
    peak_memory_bytes: int = 0
    log: BoundedLog = field(default_factory=BoundedLog)


class Watch:
    """Serves the pipes of one run and decides when it is over."""

    def __init__(
        self,
        bounds: Bounds,
        tree: ProcessTree,
        pipes: Pipes,
        *,
        first: int,
        disk_folders: tuple[str, ...],
    ) -> None:
        """Begin to watch.

        Args:
            bounds: What the run may use.
            tree: Its processes.
            pipes: What it says.
            first: Its first process.
            disk_folders: Measured where no file system of their own bounds them: where there are
                no namespaces.
        """
        self._bounds, self._tree, self._pipes = bounds, tree, pipes
        self._first = first
        self._disk_folders = disk_folders
        self._is_report_open = True
        self._started_at: float | None = None
        self._created_at = self._check_at = time.monotonic()
        self._ticks = 0
        # What a folder holds can be hidden (deleted, yet open); what the disk has left cannot.
        free_bytes = _free_bytes(disk_folders[0]) if disk_folders else 0
        self._reserve_bytes = min(_RESERVE_BYTES, free_bytes // 2)
        self._poll = select.poll()
        for fd in (pipes.control_fd, pipes.report_fd, pipes.log_fd):
            self._poll.register(fd, select.POLLIN)
        self.verdict = Verdict()

    def follow(self) -> Verdict:
        """Return when the run is over or has met a limit; the caller kills what is left of it.

        Raises:
            LauncherError: A wall could not be built.
        """
        verdict = self.verdict
        while self._is_report_open and not verdict.ended and verdict.status is None:
            for fd, _ in self._poll.poll(_TICK_S * 1000):
                self._serve(fd)
            now = time.monotonic()
            if now >= self._check_at:
                self._check_at = now + _TICK_S
                self._check_limits(now)
        if self._started_at is not None:
            verdict.wall_s = time.monotonic() - self._started_at
        return verdict

    def drain_log(self) -> None:
        """Take what is still in the log's pipe, whose writers are all dead."""
        os.set_blocking(self._pipes.log_fd, False)
        try:
            while chunk := os.read(self._pipes.log_fd, _CHUNK_BYTES):
                self.verdict.log.add(chunk)
        except BlockingIOError:
            pass

    def _serve(self, fd: int) -> None:
        chunk = os.read(fd, _CHUNK_BYTES)
        if fd == self._pipes.log_fd:
            self.verdict.log.add(chunk)
        elif fd == self._pipes.report_fd:
            self._hear(chunk)
        elif not chunk:
            self._end("cancelled", "the platform no longer wants this run")
        if not chunk:
            self._poll.unregister(fd)

    def _hear(self, chunk: bytes) -> None:
        # Lines of fewer bytes than PIPE_BUF arrive whole.
        self._is_report_open = bool(chunk)
        for line in chunk.splitlines():
            facts = json.loads(line)
            if "problem" in facts:
                raise LauncherError(facts["problem"])
            if "started" in facts:
                self._started_at = time.monotonic()
            self.verdict.status = facts.get("status")

    def _check_limits(self, now: float) -> None:
        if self._started_at is None:
            if now - self._created_at > _SETUP_S:
                raise LauncherError(f"the walls did not stand within {_SETUP_S:g} s")
            return
        if self.verdict.status is not None:
            return
        if now - self._started_at >= self._bounds.time_s:
            self._end("timeout", f"ran longer than {self._bounds.time_s:g} s")
        self._check_memory()
        self._ticks += 1
        if self._ticks % _SLOW_TICKS == 0:
            self._check_sockets()
            if self._disk_folders:
                self._check_disk()

    def _check_memory(self) -> None:
        limit_bytes = self._bounds.memory_bytes
        used_bytes = self._tree.memory_bytes(limit_bytes)
        self.verdict.peak_memory_bytes = max(self.verdict.peak_memory_bytes, used_bytes)
        if used_bytes > limit_bytes:
            self._end("memory", f"used more than {limit_bytes // _MIB} MiB of memory")

    def _check_sockets(self) -> None:
        count = self._tree.sockets(self._first, is_namespaced=not self._disk_folders)
        if count > _MAX_SOCKETS:
            self._end("memory", f"held more than {_MAX_SOCKETS} sockets, which are memory too")

    def _check_disk(self) -> None:
        if _free_bytes(self._disk_folders[0]) < self._reserve_bytes:
            raise LauncherError("the disk is nearly full")
        for folder, limit_bytes in zip(
            self._disk_folders, (self._bounds.output_bytes, self._bounds.tmp_bytes), strict=True
        ):
            if is_overfull(folder, limit_bytes, self._bounds.files):
                self._end("output", f"wrote more than {limit_bytes // _MIB} MiB in one place")

    def _end(self, ended: str, detail: str) -> None:
        if not self.verdict.ended:
            self.verdict.ended, self.verdict.detail = ended, detail


def is_overfull(folder: str, limit_bytes: int, limit_files: int) -> bool:
    """Return whether a folder holds more than it may; sizes are those on the disk.

    One that cannot be looked into, having no such permission or too long a path, counts as one
    that does: an honest program has no use for it.
    """
    used_bytes = files = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    if files > limit_files:
                        return True
                    used_bytes += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except (FileNotFoundError, NotADirectoryError):
            continue  # removed meanwhile
        except OSError:
            return True
    return used_bytes > limit_bytes


def _free_bytes(folder: str) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
