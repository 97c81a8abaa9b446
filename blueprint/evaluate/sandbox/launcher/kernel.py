"""System calls that Python's standard library does not offer, each with its step named on failure.

Numbers and constants are the kernel's interface (linux/mount.h, linux/prctl.h, linux/sched.h).
"""

import ctypes
import errno
import os
import platform

from blueprint.evaluate.sandbox.launcher.spec import LauncherError

NEW_NS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT = 0x1, 0x2, 0x4, 0x8, 0x20
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000
# mount_setattr has bits of its own for the same four, and one for refusing symbolic links.
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC, ATTR_NOSYMFOLLOW = 0x1, 0x2, 0x4, 0x8, 0x200000

SET_PDEATHSIG, SET_DUMPABLE, SET_KEEPCAPS, CAPBSET_DROP = 1, 4, 8, 24
SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS, SET_SECCOMP, CAP_AMBIENT = 36, 38, 22, 47

_MNT_DETACH, _UMOUNT_NOFOLLOW = 2, 8
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_NUMBERS = {
    "x86_64": {"pivot_root": 155, "capset": 126},
    "aarch64": {"pivot_root": 41, "capset": 91},
}
# Newer calls have one number on every machine.
_SAME_EVERYWHERE = {
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def machine() -> str:
    """Return the processor architecture, as the kernel names it."""
    return platform.machine()


def is_known_machine() -> bool:
    """Return whether the numbers of this machine's system calls are known here."""
    return machine() in _NUMBERS


def call(name: str, *arguments: "int | ctypes.Array[ctypes.c_char] | bytes | None") -> int:
    """Make a system call by name and return its result.

    Raises:
        OSError: The kernel refused.
    """
    number = _SAME_EVERYWHERE.get(name) or _NUMBERS[machine()][name]
    plain = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *plain)
    return _checked(result)


def prctl(option: int, first: int = 0, second: int = 0) -> None:
    """Change an attribute of this process."""
    numbers = (first, second, 0, 0)
    _checked(_libc.prctl(option, *(ctypes.c_ulong(number) for number in numbers)))


def prctl_pointer(option: int, first: int, pointer: "ctypes.c_void_p") -> None:
    """Change an attribute that is described in memory."""
    _checked(_libc.prctl(option, ctypes.c_ulong(first), pointer, 0, 0))


def unshare(flags: int, step: str) -> None:
    """Leave the namespaces named by `flags` for new ones."""
    with _Step(step):
        _checked(_libc.unshare(flags))


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount; `kind` is None for binds and changes."""
    with _Step(f"mount {source or kind} on {target}"):
        _checked(
            _libc.mount(
                os.fsencode(source or "none"),
                os.fsencode(target),
                kind.encode() if kind else None,
                ctypes.c_ulong(flags),
                options.encode() or None,
            )
        )


def unmount(target: str) -> None:
    """Take a mount away from this namespace; who uses it keeps it; idempotent."""
    try:
        _checked(_libc.umount2(os.fsencode(target), _MNT_DETACH | _UMOUNT_NOFOLLOW))
    except OSError as error:
        if error.errno != errno.EINVAL:  # nothing is mounted there
            raise


def set_mount_attributes(target: str, attributes: int) -> None:
    """Add attributes to a mount and to every mount below it.

    Raises:
        OSError: The kernel is older than 5.12, or does not know one of the attributes.
    """
    described = b"".join(value.to_bytes(8, "little") for value in (attributes, 0, 0, 0))
    call("mount_setattr", _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, described, len(described))


def enter_root(folder: str) -> None:
    """Make `folder` (a mount) the root of this mount namespace and let go of the old one."""
    with _Step("pivot_root"):
        os.chdir(folder)
        # The same name twice puts the old root on top of the new one, where it is unmounted.
        call("pivot_root", b".", b".")
        _checked(_libc.umount2(b".", _MNT_DETACH))
        os.chdir("/")


class _Step:
    """Turns what the kernel refuses into a sentence that names the step."""

    def __init__(self, step: str) -> None:
        self._step = step

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        if isinstance(error, OSError):
            raise LauncherError(f"{self._step}: {error.strerror}") from error


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
