"""Builds and installs the filter of system calls, as a classic BPF program.

The filter answers by number, and for a few calls by their first arguments. Every answer leaves
the program; what no rule names is allowed, unless it is newer than our lists.
"""

import ctypes
import errno
import struct
from collections.abc import Iterator

from blueprint.evaluate.sandbox.launcher import kernel, syscalls

# struct seccomp_data: number, architecture, instruction pointer, six arguments of 64 bits.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _FOURTH_ARGUMENT = 0, 4, 16, 24, 40
_LOAD, _AND, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000

_NEW_NAMESPACES = 0x7E020000
_LOCAL, _INTERNET, _INTERNET_6 = 1, 2, 10
_STREAM, _SOCKET_TYPE = 1, 0xF
_SHARED_NAMELESS = 0x21  # MAP_SHARED and MAP_ANONYMOUS
# What a program may ask of a file by ioctl: is it a terminal and how large, how much waits in it,
# and two flags of the descriptor itself. Everything else changes the file, or a device.
_TCGETS, _TCGETS2, _TIOCGWINSZ, _TIOCGPGRP = 0x5401, 0x802C542A, 0x5413, 0x540F
_FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX = 0x541B, 0x5421, 0x5450, 0x5451
_HARMLESS_IOCTLS = (
    _TCGETS, _TCGETS2, _TIOCGWINSZ, _TIOCGPGRP, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX,
)  # fmt: skip
_SET_LEASE, _NOTIFY = 1024, 1026  # fcntl: whoever opens the file waits; who opens it is told
_RECORD_LOCKS = (6, 7, 37, 38)  # fcntl: each locked range is memory of the kernel, unbounded
_SET_DUMPABLE = 4  # prctl: a process that hides cannot be measured
_MODE_FILTER = 2


def build_filter(machine: str, *, is_namespaced: bool) -> bytes:
    """Return the BPF program for one processor architecture.

    Without namespaces the network and the file attributes are closed here, because Landlock
    leaves them open.
    """
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, syscalls.AUDIT_ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        # Also what x86_64 calls x32: the same calls under numbers with bit 30 set.
        (_ABOVE, 0, 1, syscalls.NEWEST_KNOWN),
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
    ]
    for names, answer in _plain_rules(is_namespaced=is_namespaced):
        for number in syscalls.numbers_of(names, machine):
            program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]
    for name, rule in _argument_rules(is_namespaced=is_namespaced):
        for number in syscalls.numbers_of((name,), machine):
            program += [(_EQUAL, 0, len(rule), number), *rule]
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def install(program: bytes) -> None:
    """Put the filter in force for this process and all that come of it, for good."""
    memory = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(memory))
    described = ctypes.create_string_buffer(header, len(header))
    pointer = ctypes.cast(described, ctypes.c_void_p)
    kernel.prctl_pointer(kernel.SET_SECCOMP, _MODE_FILTER, pointer)


def _plain_rules(*, is_namespaced: bool) -> Iterator[tuple[tuple[str, ...], int]]:
    yield syscalls.FORBIDDEN, _ERROR | errno.EPERM
    # glibc falls back to clone, whose flags a filter can see.
    uncounted = (*syscalls.UNCOUNTED_MEMORY, *syscalls.FEW_FOR_ALL, "clone3")
    yield uncounted, _ERROR | errno.ENOSYS
    if not is_namespaced:
        # Error 0 is success without effect: copying a file with its mode must not fail.
        yield syscalls.FILE_ATTRIBUTES, _ERROR | 0
        yield ("socket", "connect", "truncate"), _ERROR | errno.EPERM


def _argument_rules(
    *, is_namespaced: bool
) -> Iterator[tuple[str, list[tuple[int, int, int, int]]]]:
    refuse = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    first, second = (_LOAD, 0, 0, _FIRST_ARGUMENT), (_LOAD, 0, 0, _SECOND_ARGUMENT)
    yield "clone", [first, (_ANY_BIT, 0, 1, _NEW_NAMESPACES), refuse, allow]
    # The limits of another process of the same account are not for a submission to set.
    yield "prlimit64", [first, (_EQUAL, 1, 0, 0), refuse, allow]
    # Such memory stays when its mapper hands the pages back, and is in no process's account then.
    nameless = [(_AND, 0, 0, _SHARED_NAMELESS), (_EQUAL, 0, 1, _SHARED_NAMELESS)]
    flags = (_LOAD, 0, 0, _FOURTH_ARGUMENT)
    yield "mmap", [flags, *nameless, refuse, allow]
    yield "ioctl", [second, *_any_of(_HARMLESS_IOCTLS, allow), refuse]
    no_locks = (_RETURN, 0, 0, _ERROR | errno.ENOLCK)
    shared = _any_of((_SET_LEASE, _NOTIFY), refuse)
    yield "fcntl", [second, *shared, *_any_of(_RECORD_LOCKS, no_locks), allow]
    yield "prctl", [first, *_any_of((_SET_DUMPABLE,), refuse), allow]
    if is_namespaced:
        # A network namespace does not hold AF_VSOCK and others; these three it does.
        families = [(_EQUAL, 2, 0, _LOCAL), (_EQUAL, 1, 0, _INTERNET), (_EQUAL, 0, 1, _INTERNET_6)]
        yield "socket", [first, *families, allow, refuse]
    else:
        # A datagram socket of a pair could still send to any socket file of the machine.
        pair = [(_AND, 0, 0, _SOCKET_TYPE), (_EQUAL, 0, 1, _STREAM)]
        yield "socketpair", [second, *pair, allow, refuse]


def _any_of(
    values: tuple[int, ...], answer: tuple[int, int, int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield the instructions that give `answer` where the loaded argument is one of `values`."""
    for value in values:
        yield (_EQUAL, 0, 1, value)
        yield answer
