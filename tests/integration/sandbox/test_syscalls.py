"""The filter of system calls: its numbers are the kernel's, its program does what it says."""

import errno
import re
import struct
from pathlib import Path

import pytest

from blueprint.evaluate.sandbox.launcher import seccomp, syscalls

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
READ, CLONE, SOCKET, SOCKETPAIR, IOCTL, MOUNT, CHMOD = 0, 56, 41, 53, 16, 165, 90
MMAP, SCHED_SETAFFINITY = 9, 203


@pytest.mark.parametrize("machine", list(HEADERS))
def test_numbers_are_those_of_the_kernel(machine):
    if not HEADERS[machine].is_file():
        pytest.skip("the kernel's headers (linux-libc-dev) are not installed")
    text = HEADERS[machine].read_text()
    defined = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(?:__NR3264_)?(\d+)", text)
    kernel = {name: int(number) for name, number in defined}
    column = list(HEADERS).index(machine)

    ours = {name: numbers[column] or 0 for name, numbers in syscalls._NUMBERS.items()}
    ours = {name: number for name, number in ours.items() if number}

    assert {name: ours[name] for name in ours.keys() & kernel.keys()} == {
        name: kernel[name] for name in ours.keys() & kernel.keys()
    }
    # What these headers do not have is newer than they are, or missing on this architecture.
    newer = ours.keys() - kernel.keys()
    assert all(ours[name] > max(kernel.values()) - 10 for name in newer)


def answer(program: bytes, number: int, *arguments: int, architecture: int = 0xC000003E) -> int:
    """Run the filter as the kernel would: an interpreter of the six instructions it uses."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
    code = list(struct.iter_unpack("<HBBI", program))
    at = accumulator = 0
    while True:
        operation, on_true, on_false, value = code[at]
        at += 1
        if operation == 0x06:
            return int(value)
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif operation == 0x54:
            accumulator &= value
        else:
            tests = {
                0x15: accumulator == value,
                0x25: accumulator > value,
                0x45: accumulator & value,
            }
            at += on_true if tests[operation] else on_false


@pytest.mark.parametrize(
    ("is_namespaced", "number", "arguments", "expected"),
    [
        (True, READ, (), ALLOW),
        (True, MOUNT, (), ERROR | errno.EPERM),
        (True, CHMOD, (), ALLOW),
        (False, CHMOD, (), ERROR),  # success without effect
        (True, CLONE, (17,), ALLOW),
        (True, CLONE, (0x10000000 | 17,), ERROR | errno.EPERM),
        (True, 435, (), ERROR | errno.ENOSYS),
        (True, SOCKET, (1, 1), ALLOW),
        (True, SOCKET, (2, 1), ALLOW),
        (True, SOCKET, (40, 1), ERROR | errno.EPERM),
        (False, SOCKET, (1, 1), ERROR | errno.EPERM),
        (False, SOCKETPAIR, (1, 0o2000001), ALLOW),
        (False, SOCKETPAIR, (1, 0o2000002), ERROR | errno.EPERM),
        (True, IOCTL, (0, 0x5412), ERROR | errno.EPERM),
        (True, IOCTL, (0, 0x5401), ALLOW),
        (True, SCHED_SETAFFINITY, (), ERROR | errno.EPERM),
        (True, MMAP, (0, 1, 3, 0x21), ERROR | errno.EPERM),
        (True, MMAP, (0, 1, 3, 0x22), ALLOW),
        (True, MMAP, (0, 1, 3, 0x01, 5), ALLOW),
        (True, 470, (), ERROR | errno.ENOSYS),
        (True, 0x40000000 | READ, (), ERROR | errno.ENOSYS),
    ],
)
def test_filter_answers_by_number_and_argument(is_namespaced, number, arguments, expected):
    program = seccomp.build_filter("x86_64", is_namespaced=is_namespaced)

    assert answer(program, number, *arguments) == expected


def test_calls_of_another_architecture_kill():
    program = seccomp.build_filter("x86_64", is_namespaced=True)

    assert answer(program, READ, architecture=0x40000003) == KILL
