"""Files that runs share: one run can neither hold them, change them, nor watch others use them."""

import fcntl
import os
import subprocess
import sys
from typing import Any

import pytest

ATTEMPT = """
import errno, fcntl, json, os, struct
def attempt(act, *args):
    try:
        act(*args)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
"""
F_SETLEASE, F_NOTIFY, DN_MULTISHOT_ACCESS = 1024, 1026, 0x80000001


def run(arena: Any, program: str, **settings: Any) -> Any:
    return arena.run(ATTEMPT + program, **settings)


def test_no_lease_is_granted_on_a_shared_file(arena):
    # Whoever opens a leased file waits up to 45 s for its holder to let go.
    ended = run(
        arena,
        f"""
shared = os.open("/input/scan", os.O_RDONLY)
own = os.open("/tmp/own", os.O_RDWR | os.O_CREAT)
print(json.dumps([attempt(fcntl.fcntl, fd, {F_SETLEASE}, kind)
                  for fd in (shared, own) for kind in (fcntl.F_RDLCK, fcntl.F_WRLCK)]))
""",
        texts={"scan": "an image"},
    )

    assert set(ended.said) == {"EPERM"}


def test_another_run_opens_an_input_at_once_whatever_the_first_does_with_it(arena):
    arena.write(
        ATTEMPT
        + f"""
import time
shared = os.open("/input/scan", os.O_RDONLY)
attempt(fcntl.fcntl, shared, {F_SETLEASE}, fcntl.F_WRLCK)
attempt(fcntl.flock, shared, fcntl.LOCK_EX)
print(json.dumps("holding"), flush=True)
time.sleep(4)
""",
        scan="an image",
    )
    holder = subprocess.Popen(arena.argv(), stdout=subprocess.PIPE, cwd="/")
    try:
        # The launcher gives its log at the end alone: wait until the program holds what it can.
        wait = "import time; time.sleep(2)"
        subprocess.run([sys.executable, "-c", wait], check=True)
        opened = os.open(arena.folder / "input" / "scan", os.O_RDWR | os.O_NONBLOCK)
        try:
            # Without a file system of its own the lock is on the one file that there is.
            if arena.is_namespaced:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(opened)
    finally:
        said, _ = holder.communicate(timeout=60)
    assert b"holding" in said


def test_nobody_is_told_which_shared_files_others_use(arena):
    library = os.__file__

    ended = run(
        arena,
        f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def watch(path):
    fd = libc.inotify_init1(0)
    if fd < 0 or libc.inotify_add_watch(fd, path.encode(), 0xFFF) < 0:
        raise OSError(ctypes.get_errno(), path)
def notify(path):
    folder = os.open(path, os.O_RDONLY)
    fcntl.fcntl(folder, {F_NOTIFY}, {DN_MULTISHOT_ACCESS} - 2**32)
print(json.dumps([attempt(watch, {library!r}), attempt(notify, os.path.dirname({library!r})),
                  attempt(notify, "/input")]))
""",
        texts={"scan": "an image"},
    )

    assert "done" not in ended.said


@pytest.mark.parametrize("request_number", [0x40086602, 0x401C5820, 0x40047602, 0x40806685])
def test_flags_of_files_cannot_be_set(arena, request_number):
    # FS_IOC_SETFLAGS (append only, immutable), FSSETXATTR, SETVERSION, ENABLE_VERITY.
    ended = run(
        arena,
        f"""
fd = os.open("/input/scan", os.O_RDONLY)
print(json.dumps(attempt(fcntl.ioctl, fd, {request_number}, bytes(128))))
""",
        texts={"scan": "an image"},
    )

    assert ended.said == "EPERM"


def test_what_programs_ask_of_terminals_and_pipes_still_works(arena):
    ended = run(
        arena,
        """
import sys
reader, writer = os.pipe()
os.write(writer, b"four")
waiting = struct.unpack("i", fcntl.ioctl(reader, 0x541B, bytes(4)))[0]  # FIONREAD
os.set_blocking(reader, False)
os.set_inheritable(reader, True)
print(json.dumps([waiting, sys.stdout.isatty(), os.get_blocking(reader)]))
""",
    )

    assert ended.said == [4, False, False]
