"""What a hostile program must not see, change or reach, in every layer and account."""

import os
import socket
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

# Functions of `posix` lie below the layer that translates names where there are no namespaces.
TRY = """
import errno, json, posix
def attempt(act, *args):
    try:
        act(*args)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
"""


def run(arena: Any, program: str, **settings: Any) -> Any:
    return arena.run(TRY + program, **settings)


def test_files_outside_cannot_be_read(arena):
    secret = arena.folder / "state"
    secret.mkdir(mode=0o777)
    paths = [
        str(arena.canary), str(secret), "/etc/shadow", "/etc/passwd-", str(Path.home()),
        str(arena.checkout / "blueprint/__init__.py"), str(arena.checkout), sys.prefix,
        f"/proc/{os.getpid()}/environ", f"/proc/{os.getpid()}/root/etc/passwd", "/sys/kernel",
    ]  # fmt: skip

    ended = run(
        arena,
        f"""
seen = [path for path in {paths!r} if attempt(posix.open, path, posix.O_RDONLY) == "done"]
print(json.dumps(seen))
""",
    )

    allowed = {str(Path.home())} if arena.is_namespaced else set()
    # Behind namespaces an interpreter below a home leaves the bare folders that lead to it.
    assert set(ended.said) <= allowed


def test_root_holds_nothing_else(walled_arena):
    ended = walled_arena.run(
        """
        import json, os
        tree = {at: names for at, names, _ in os.walk("/") if at.count("/") < 3}
        print(json.dumps([sorted(os.listdir("/")), sorted(os.listdir("/usr")), os.listdir("/tmp")]))
        """
    )

    top, usr, tmp = ended.said
    base = Path(sys.base_prefix).parts[1]
    assert set(top) - {base, "lib", "lib32", "lib64"} == {
        "code", "dev", "etc", "input", "output", "proc", "python", "tmp", "usr",
    } - {base}  # fmt: skip
    assert "bin" not in usr or base == "usr"
    assert tmp == []


def test_only_the_interpreter_is_seen_of_its_prefix(walled_arena):
    site = Path(os.__file__).parent / "site-packages"

    ended = walled_arena.run(
        f"""
        import json, os
        site = {str(site)!r}
        others = os.listdir(site) if os.path.isdir(site) else []
        print(json.dumps([sorted(os.listdir({sys.base_prefix!r})), others]))
        """
    )

    shown, others = ended.said
    assert set(shown) <= {"bin", "lib", "lib32", "lib64", "share"}
    assert others == []


def test_hidden_folder_inside_a_system_folder_looks_empty(walled_arena):
    inside = Path(os.__file__).parent / "wsgiref"

    ended = walled_arena.run(
        f"import json, os; print(json.dumps(os.listdir({str(inside)!r})))", hidden=[inside]
    )

    assert ended.said == []


def test_inputs_code_and_libraries_cannot_be_changed(arena):
    arena.write("", scan="original")
    library = os.__file__

    ended = run(
        arena,
        f"""
import os
write = lambda path: open(path, "w").close()
print(json.dumps([
    attempt(write, "/input/scan"), attempt(os.unlink, "/input/scan"), attempt(write, "/input/new"),
    attempt(write, "/code/program.py"), attempt(write, "/code/new"), attempt(write, {library!r}),
]))
""",
        texts={"scan": "original"},
    )

    assert set(ended.said) <= {"EROFS", "EACCES", "EPERM", "EXDEV"}
    assert (arena.folder / "input" / "scan").read_text() == "original"


def test_mode_and_times_of_files_outside_stay(arena):
    arena.write("")
    before = arena.canary.stat()

    run(
        arena,
        """
attempt(posix.chmod, canary, 0o777)
attempt(posix.utime, canary, (0, 0))
attempt(posix.truncate, canary, 0)
attempt(posix.unlink, canary)
attempt(posix.rename, canary, canary + "2")
""",
    )

    after = arena.canary.stat()
    assert stat.filemode(after.st_mode) == stat.filemode(before.st_mode)
    assert (after.st_mtime, after.st_size) == (before.st_mtime, before.st_size)


def test_network_is_closed(arena):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        datagrams.bind(("127.0.0.1", 0))
        datagrams.settimeout(0.5)
        path = str(arena.folder / "platform.sock")
        named.bind(path)
        named.listen()
        Path(path).chmod(0o777)
        abstract.bind(f"\0{arena.marker}")
        abstract.listen()
        ended = run(
            arena,
            f"""
import socket
def reach(family, kind, address):
    with socket.socket(family, kind) as one:
        one.settimeout(2)
        one.connect(address)
        one.send(b"x")
print(json.dumps([
    attempt(reach, socket.AF_INET, socket.SOCK_STREAM, {server.getsockname()!r}),
    attempt(reach, socket.AF_INET, socket.SOCK_DGRAM, {datagrams.getsockname()!r}),
    attempt(reach, socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
    attempt(reach, socket.AF_UNIX, socket.SOCK_STREAM, {path!r}),
    attempt(reach, socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + marker),
    attempt(socket.socket, socket.AF_VSOCK), attempt(socket.socket, socket.AF_NETLINK),
    attempt(socket.socket, socket.AF_PACKET, socket.SOCK_RAW),
]))
""",
        )
        with pytest.raises(TimeoutError):
            datagrams.recv(1)

    assert "done" not in ended.said


def test_processes_of_the_machine_are_hidden_and_out_of_reach(arena):
    ended = run(
        arena,
        f"""
print(json.dumps([
    attempt(posix.kill, {os.getpid()}, 0),
    attempt(posix.open, "/proc/{os.getpid()}/status", posix.O_RDONLY),
]))
""",
    )

    assert "done" not in ended.said


def test_no_privilege_is_left(arena):
    ended = run(
        arena,
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    result = libc.syscall(number, *args)
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]
calls = {"x86_64": [272, 165, 308, 101, 321, 425, 250, 319, 298, 155, 435],
         "aarch64": [97, 40, 268, 117, 280, 425, 219, 279, 241, 41, 435]}[os.uname().machine]
CLONE_NEWUSER = 0x10000000
answers = [call(number, CLONE_NEWUSER, 0, 0, 0, 0, 0) for number in calls]
answers.append(call({"x86_64": 56, "aarch64": 220}[os.uname().machine], CLONE_NEWUSER | 17, 0))
print(json.dumps([answers, os.getresuid(), attempt(os.setuid, 0), libc.prctl(39, 0, 0, 0, 0)]))
""",
    )

    answers, users, becoming_root, no_new_privileges = ended.said
    assert set(answers) <= {"EPERM", "ENOSYS"}
    expected = arena.user if arena.user and not arena.is_namespaced else 65534
    assert users == [expected] * 3
    assert becoming_root in ("EPERM", "EINVAL")  # forbidden, or no such user in there
    assert no_new_privileges == 1


def test_capabilities_are_gone(walled_arena):
    ended = walled_arena.run(
        """
        import json
        lines = open("/proc/self/status").read().splitlines()
        print(json.dumps([line.split()[1] for line in lines if line.startswith("Cap")]))
        """
    )

    assert set(ended.said) == {"0" * 16}


def test_setuid_files_mean_nothing(walled_arena):
    ended = walled_arena.run(
        """
        import json, os
        flags = {line.split()[4]: line.split()[5] for line in open("/proc/self/mountinfo")}
        print(json.dumps([at for at, options in flags.items() if "nosuid" not in options]))
        """
    )

    assert ended.said == []


def test_everything_mounted_is_read_only_but_output_and_tmp(walled_arena):
    ended = walled_arena.run(
        """
        import json
        flags = {line.split()[4]: line.split()[5] for line in open("/proc/self/mountinfo")}
        print(json.dumps([at for at, options in flags.items() if "ro" not in options.split(",")]))
        """
    )

    devices = {path for path in ended.said if path.startswith("/dev/")} - {"/dev/shm"}
    assert set(ended.said) - devices == {"/output", "/tmp", "/dev/shm"}
    assert devices == {"/dev/full", "/dev/null", "/dev/random", "/dev/urandom"}
