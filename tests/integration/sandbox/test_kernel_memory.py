"""Memory that the kernel holds for a run, in no process's account, is bounded or refused."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox.test_shared_files import run

GROUPS = Path("/sys/fs/cgroup/memory")


@pytest.fixture
def small_machine() -> Iterator[Path]:
    """A group of processes with 96 MiB of memory: to its kernel a machine that runs out of it."""
    if os.geteuid() != 0 or not (GROUPS / "memory.limit_in_bytes").is_file():
        pytest.skip("needs root and control groups of version 1")
    group = GROUPS / f"diychallenge-test-{os.getpid()}"
    group.mkdir()
    (group / "memory.limit_in_bytes").write_text(str(96 << 20))
    yield group / "cgroup.procs"
    group.rmdir()


def test_records_of_locks_are_refused(arena):
    # Each byte range that is locked for itself is a record in the kernel: 1.7 GiB in one run.
    ended = run(
        arena,
        """
file = os.open("/tmp/locks", os.O_RDWR | os.O_CREAT)
def lock(command):
    fcntl.fcntl(file, command, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 1, 0))
commands = [6, 7, 37, 38]  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
whole = attempt(fcntl.flock, file, fcntl.LOCK_EX)
print(json.dumps([whole, *(attempt(lock, command) for command in commands)]))
""",
    )

    assert ended.said == ["done", "ENOLCK", "ENOLCK", "ENOLCK", "ENOLCK"]


def test_the_machines_share_of_asynchronous_io_is_not_for_one_run(arena):
    ended = run(
        arena,
        """
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 206, "aarch64": 0}[platform.machine()]
def setup():
    context = ctypes.c_ulong(0)
    if libc.syscall(number, 32000, ctypes.byref(context)) < 0:
        raise OSError(ctypes.get_errno(), "io_setup")
print(json.dumps(attempt(setup)))
""",
    )

    assert ended.said == "ENOSYS"


def test_buffers_of_sockets_are_bounded(arena):
    ended = arena.run(
        """
        import json, os, socket, time
        held = []
        for _ in range(40):
            if os.fork() == 0:
                mine = []
                for _ in range(400):
                    one, other = socket.socketpair()
                    one.setblocking(False)
                    try:
                        while True:
                            one.send(bytes(65536))
                    except BlockingIOError:
                        pass
                    mine.append((one, other))
                time.sleep(20)
        time.sleep(20)
        """,
        processes=64,
        time_s=15,
    )

    assert ended.ended == "memory"
    assert "sockets" in ended.detail


def test_the_kernel_goes_on_choosing_the_run_when_memory_is_out(arena):
    ended = run(
        arena,
        """
def lower():
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("0")
said = attempt(lower)
print(json.dumps([said, int(open("/proc/self/oom_score_adj").read())]))
"""
        if arena.is_namespaced
        else """
def lower():
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("0")
print(json.dumps([attempt(lower), 1000]))
""",
    )

    assert ended.said[0] != "done"
    assert ended.said[1] == 1000


def test_a_kill_for_want_of_memory_is_a_fault_of_the_machine(arena, small_machine):
    arena.write("block = bytearray(200 << 20)")
    into = f'echo $$ > {small_machine} && exec "$@"'

    done = subprocess.run(
        ["/bin/sh", "-c", into, "sh", *arena.argv()], capture_output=True, timeout=60, check=True
    )

    outcome = json.loads(done.stdout)
    assert outcome["ended"] == "engine-error"
    assert outcome["detail"] == "the machine ran out of memory, and its kernel killed a process"


def test_a_program_that_kills_itself_is_no_fault_of_the_machine(arena):
    ended = arena.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")

    assert (ended.ended, ended.signal) == ("signalled", 9)
