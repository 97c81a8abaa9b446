"""Sets the limits that the kernel keeps for each process: memory, CPU, processes, files."""

import math
import os
import resource

from blueprint.evaluate.sandbox.launcher.spec import Bounds

_MIB = 1024 * 1024
# Address space is not memory: libraries are mapped, threads reserve stacks and arenas unused.
_MAPPED_BYTES = 768 * _MIB
_MAPPED_BYTES_PER_CPU = 192 * _MIB
_OPEN_FILES = 1024
_CPU_SLACK_S = 5
_NICENESS = 5


def limit_process(bounds: Bounds, *, other_processes: int) -> None:
    """Bound this process and what it starts.

    Args:
        bounds: What the run may use.
        other_processes: Processes and threads of the same account that are not the run's, where
            the kernel counts them together.
    """
    address_space = bounds.memory_bytes + _MAPPED_BYTES + bounds.cpus * _MAPPED_BYTES_PER_CPU
    wanted = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_CPU: math.ceil(bounds.time_s * bounds.cpus) + _CPU_SLACK_S,
        resource.RLIMIT_NPROC: bounds.processes + other_processes,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_FSIZE: max(bounds.output_bytes, bounds.tmp_bytes),
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bounded, bounded))


def share_machine(cores: tuple[int, ...]) -> None:
    """Keep this process on some cores, and let the platform's own work go first."""
    os.sched_setaffinity(0, cores)
    os.nice(_NICENESS)


def die_first() -> None:
    """Make the kernel choose this run, not the platform, when the machine is out of memory."""
    fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    try:
        os.write(fd, b"1000")
    finally:
        os.close(fd)


def count_of_account(user: int) -> int:
    """Return how many processes and threads of a user exist on this machine."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == user:
                    total += len(os.listdir(f"/proc/{name}/task"))
            except OSError:  # it ended meanwhile
                continue
    return total
