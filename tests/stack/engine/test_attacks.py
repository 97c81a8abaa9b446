"""What hostile code must not see, reach or use up, on a real Docker engine.

Where the process sandbox is tried with the same programs, its own tests are run here; the rest is
written anew, because an engine keeps the same promise by other means.
"""

import os
import socket
from pathlib import Path

import pytest

from tests.integration.sandbox.test_contract import (  # noqa: F401
    test_output_of_a_program_that_fails_stays_behind,
    test_packages_that_are_not_allowed_are_missing,
)
from tests.integration.sandbox.test_limits import (  # noqa: F401
    test_folders_without_end_are_removed,
    test_fork_bomb_is_bounded,
    test_number_of_files_is_limited,
    test_only_regular_files_come_out,
    test_output_quota_holds_for_many_files,
    test_shared_memory_is_counted_once,
    test_sparse_file_is_not_copied_in_full,
)
from tests.integration.sandbox.test_walls import (  # noqa: F401
    TRY,
    test_capabilities_are_gone,
    test_inputs_code_and_libraries_cannot_be_changed,
    test_mode_and_times_of_files_outside_stay,
    test_processes_of_the_machine_are_hidden_and_out_of_reach,
)
from tests.stack.engine.private_engine import ADDRESS

STUBBORN = """
import os, signal, sys, time
for number in range(1, signal.NSIG):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
if len(sys.argv) == 1:
    os.execvp("python", ["python", "program.py", marker])
time.sleep(300)
"""


def test_a_fork_bomb_ends_with_its_time(arena):
    ended = arena.run(
        "import os\nwhile True:\n  try: os.fork()\n  except BlockingIOError: pass\n",
        time_s=5,
        processes=40,
    )

    assert ended.ended == "timeout"
    assert arena.survivors() == []


def test_daemons_die_with_the_run(arena):
    ended = arena.run(
        """
        import os, subprocess, sys, time
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execvp("python", ["python", "-c", "import time, signal;"
                        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)", marker])
                os._exit(0)
        time.sleep(1)
        """,
    )

    assert ended.ended == "exited"
    assert arena.survivors() == []


def test_a_program_that_ignores_every_signal_ends_at_its_time(arena):
    ended = arena.run(STUBBORN, time_s=3)

    assert ended.ended == "timeout"
    assert arena.survivors() == []


@pytest.mark.parametrize(
    "program",
    [
        "block = bytearray(400 << 20)\nimport time; time.sleep(60)",
        """
import os, time
if os.fork() == 0:
    block = bytearray(400 << 20)
os.wait()
""",
        """
with open("/dev/shm/block", "wb") as file:
    for _ in range(60): file.write(bytes(1 << 20))
with open("/tmp/block", "wb") as file:
    for _ in range(200): file.write(bytes(1 << 20))
""",
    ],
    ids=["process", "child", "files"],
)
def test_memory_of_the_whole_run_is_limited(arena, program):
    ended = arena.run(program, memory_mib=128, tmp_mib=256)

    assert ended.ended == "memory"
    assert ended.detail == "used more than 128 MiB of memory"
    assert ended.files == set()


def test_a_full_output_is_said_and_holds_nothing_else_up(walled_arena):
    free = os.statvfs(walled_arena.folder).f_bavail

    ended = walled_arena.run(
        "with open('/output/big', 'wb') as file:\n"
        "    for _ in range(200): file.write(bytes(1 << 20)); file.flush()"
    )

    assert (ended.ended, ended.detail) == ("output", "/output was full when the program failed")
    assert os.statvfs(walled_arena.folder).f_bavail > free - (100 << 20) // 4096


def test_the_disk_of_the_machine_cannot_be_written(arena):
    ended = arena.run(
        TRY
        + """
import os
def fill(path):
    with open(path + "/filler", "wb") as file:
        for _ in range(20): file.write(bytes(1 << 20)); file.flush()
places = ("/", "/etc", "/python", "/code", "/input", "/dev", "/proc", "/sys")
print(json.dumps([attempt(fill, place) for place in (*places, "/tmp")]))
"""
    )

    *closed, temporary = ended.said
    assert set(closed) <= {"EROFS", "EACCES", "EPERM", "ENOENT"}
    assert temporary == "ENOSPC"  # 8 MiB, as the job says


def test_a_flood_of_text_fills_nothing_and_stops_with_the_run(arena, docker):
    ended = arena.run("print('first line')\nwhile True: print('x' * 10_000)", time_s=5)

    assert ended.ended == "timeout"
    assert ended.log.startswith("first line\n")
    assert len(ended.log) <= 64 * 1024
    logs = [path for path in (docker.data / "containers").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in logs) < 4 << 20


def test_the_beginning_and_the_end_of_a_long_log_are_kept(arena):
    # Over one pipe: what comes over two is not in order.
    ended = arena.run(
        "import sys\nwrite = sys.stderr.write\nwrite('first\\n')\n"
        "for _ in range(4000): write('x' * 4096)\nwrite('last\\n')"
    )

    assert ended.exit_code == 0
    assert ended.log.startswith("first\nxxx")
    assert ended.log.endswith("xxxlast\n")
    assert len(ended.log) <= 64 * 1024


def test_there_is_no_network(arena):
    bridge = ADDRESS.partition("/")[0]
    with (
        socket.create_server(("127.0.0.1", 0)) as local,
        socket.create_server((bridge, 0)) as gateway,
        socket.socket(socket.AF_UNIX) as named,
    ):
        path = str(arena.folder / "platform.sock")
        named.bind(path)
        named.listen()
        Path(path).chmod(0o777)
        ended = arena.run(
            TRY
            + f"""
import socket
def reach(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.settimeout(5)
        one.connect(address)
names = sorted(name for _, name in socket.if_nameindex())
print(json.dumps([names,
    attempt(reach, socket.AF_INET, {local.getsockname()!r}),
    attempt(reach, socket.AF_INET, {gateway.getsockname()!r}),
    attempt(reach, socket.AF_INET, ("192.0.2.1", 80)),
    attempt(reach, socket.AF_INET, ("169.254.169.254", 80)),
    attempt(reach, socket.AF_UNIX, {path!r}),
    attempt(socket.socket, socket.AF_PACKET, socket.SOCK_RAW),
]))
"""
        )

    names, *answers = ended.said
    assert set(names) <= {"lo", "tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip6tnl0", "ip_vti0"}
    assert "done" not in answers


@pytest.mark.parametrize("where", ["output", "code"])
def test_a_link_to_the_ground_truth_leads_nowhere(arena, where):
    arena.write("")
    if where == "code":
        (arena.folder / "code" / "link").symlink_to(arena.canary)

    ended = arena.run(
        """
        import os
        if not os.path.lexists("/code/link"):
            os.mkdir("/output/case")
            os.symlink(canary, "/output/case/mask")
            os.symlink("/", "/output/root")
        try: print(repr(open("/code/link").read()))
        except OSError as error: print('"closed"')
        """
    )

    assert ended.exit_code == 0, ended.log
    assert ended.said == "closed"
    assert ended.files == set()
    assert "the ground truth" not in ended.log


def test_a_link_in_the_output_is_refused_by_the_mount_itself(walled_arena):
    ended = walled_arena.run(
        TRY
        + """
import os
open("/output/real", "w").close()
os.symlink("real", "/output/link")
print(json.dumps(attempt(posix.open, "/output/link", posix.O_RDONLY)))
"""
    )

    assert ended.said == "ELOOP"


def test_what_is_shown_refuses_devices_programs_and_links(walled_arena):
    ended = walled_arena.run(
        """
        import json
        flags = {line.split()[4]: line.split()[5] for line in open("/proc/self/mountinfo")}
        places = ("/input", "/code", "/output")
        print(json.dumps({at: sorted(flags[at].split(",")) for at in places}))
        """
    )

    closed = {"nosuid", "nodev", "noexec", "nosymfollow"}
    assert {at: closed - set(flags) for at, flags in ended.said.items()} == {
        "/input": set(),
        "/code": set(),
        "/output": set(),
    }
    assert {at for at, flags in ended.said.items() if "ro" in flags} == {"/input", "/code"}


def test_nobody_inside_can_become_root(arena):
    ended = arena.run(
        TRY
        + """
import os
status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines())
print(json.dumps([os.getresuid(), status["NoNewPrivs"], status["Seccomp"],
                  attempt(os.setuid, 0), attempt(posix.mknod, "/tmp/null", 0o20666, 259)]))
"""
    )

    users, no_new_privileges, filtered, becoming_root, device = ended.said
    assert users == [65534] * 3
    assert (no_new_privileges, filtered) == ("1", "2")
    assert "done" not in (becoming_root, device)
