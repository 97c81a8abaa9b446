"""One run from its spec to its result: walls up, program watched, everything killed, files out."""

import os
import signal
from collections.abc import Callable

from blueprint.evaluate.sandbox.launcher import kernel, limits, namespaces, privileges
from blueprint.evaluate.sandbox.launcher.collect import Collection, TooMuchError, copy_tree
from blueprint.evaluate.sandbox.launcher.inside import run_inside
from blueprint.evaluate.sandbox.launcher.spec import LauncherError, Result, Spec
from blueprint.evaluate.sandbox.launcher.tree import ProcessTree
from blueprint.evaluate.sandbox.launcher.watch import Pipes, Verdict, Watch

_COUNTED_ALONE = (5, 14)
"""From this kernel on, processes are counted for each user namespace."""


def run(spec: Spec, *, control_fd: int) -> Result:
    """Run the spec's program behind its walls and copy out what it wrote.

    Raises:
        LauncherError: A wall could not be built; the program was not started.
    """
    if not kernel.is_known_machine():
        raise LauncherError(f"the sandbox does not know {kernel.machine()} processors")
    os.umask(0o022)
    target_fd = os.open(spec.output, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    tree = ProcessTree(os.open("/proc", os.O_RDONLY | os.O_DIRECTORY), os.getpid())
    other_processes = _other_processes(spec)
    kernel.prctl(kernel.SET_CHILD_SUBREAPER, 1)
    if spec.is_namespaced:
        namespaces.leave_machine()
    elif os.geteuid() == 0:
        for name in ("output", "tmp"):
            os.chown(f"{spec.work}/{name}", privileges.NOBODY, privileges.NOBODY)
    kills_before = tree.kills_for_memory()
    first, report_fd, log_fd = _start(spec, control_fd, other_processes)
    disk = () if spec.is_namespaced else (f"{spec.work}/output", f"{spec.work}/tmp")
    watch = Watch(
        spec.bounds, tree, Pipes(control_fd, report_fd, log_fd), first=first, disk_folders=disk
    )
    try:
        verdict = watch.follow()
    finally:
        status, peak_bytes = _kill_all(first, tree)
    watch.drain_log()
    if _killed_by_machine(verdict, tree, kills_before):
        raise LauncherError("the machine ran out of memory, and its kernel killed a process")
    verdict.peak_memory_bytes = max(verdict.peak_memory_bytes, peak_bytes)
    return _judge(verdict, status, lambda: _collect(spec, target_fd), lambda: _is_full(spec))


def _start(spec: Spec, control_fd: int, other_processes: int) -> tuple[int, int, int]:
    """Fork the first process inside; return its id, and the pipes of its reports and the log."""
    report_fd, report_end = os.pipe()
    log_fd, log_end = os.pipe()
    first = os.fork()
    if first == 0:
        null_fd = os.open("/dev/null", os.O_RDWR)
        for fd in (control_fd, 1, 2):
            os.dup2(null_fd, fd)
        run_inside(spec, report_fd=report_end, log_fd=log_end, other_processes=other_processes)
    os.close(report_end)
    os.close(log_end)
    return first, report_fd, log_fd


def _killed_by_machine(verdict: Verdict, tree: ProcessTree, kills_before: int) -> bool:
    """Tell whether the program was killed while the kernel killed for want of memory.

    A program can kill itself, but not make the kernel count that.
    """
    status = verdict.status
    if verdict.ended or status is None or os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        return False
    return tree.kills_for_memory() > kills_before


def _kill_all(first: int, tree: ProcessTree) -> tuple[int, int]:
    """Kill whatever lives; return the first process's wait status and the peak of any one."""
    os.kill(first, signal.SIGKILL)
    _, status, usage = os.wait4(first, 0)
    tree.kill()
    return status, usage.ru_maxrss * 1024


def _judge(
    verdict: Verdict, status: int, collect: Callable[[], str], is_full: Callable[[], bool]
) -> Result:
    ended, detail = verdict.ended, verdict.detail
    exit_code = signal_number = None
    if not ended:
        # Where the first process itself was killed, by the kernel for want of memory or by the
        # program it looked after, its own end stands for the program's.
        code = os.waitstatus_to_exitcode(status if verdict.status is None else verdict.status)
        ended = "exited" if code >= 0 else "signalled"
        exit_code, signal_number = (code, None) if code >= 0 else (None, -code)
        if code != 0 and is_full():
            ended, exit_code, signal_number = "output", None, None
            detail = "/output or /tmp was full when the program failed"
        elif code == 0:
            ended, detail = _try(collect)
            exit_code = 0 if ended == "exited" else None
    return Result(
        ended=ended,
        exit_code=exit_code,
        signal=signal_number,
        wall_s=round(verdict.wall_s, 3),
        peak_memory_bytes=verdict.peak_memory_bytes,
        log=verdict.log.content(),
        detail=detail,
    )


def _try(collect: Callable[[], str]) -> tuple[str, str]:
    try:
        return "exited", collect()
    except TooMuchError as error:
        return "output", f"/output holds {error}"


def _collect(spec: Spec, target_fd: int) -> str:
    # The old root is gone: behind namespaces /output is the run's own file system.
    source = "/output" if spec.is_namespaced else f"{spec.work}/output"
    source_fd = os.open(source, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        collection = Collection(spec.bounds.output_bytes, spec.bounds.files)
        copy_tree(source_fd, target_fd, collection)
    finally:
        os.close(source_fd)
    return collection.describe_dropped()


def _is_full(spec: Spec) -> bool:
    if not spec.is_namespaced:
        return False
    return any(
        used.f_bavail == 0 or used.f_favail == 0 for used in map(os.statvfs, ("/output", "/tmp"))
    )


def _other_processes(spec: Spec) -> int:
    """Return what the kernel counts beside the run when it bounds the number of processes."""
    version = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    if spec.is_namespaced and version >= _COUNTED_ALONE:
        return 0
    return limits.count_of_account(os.geteuid() or privileges.NOBODY)
