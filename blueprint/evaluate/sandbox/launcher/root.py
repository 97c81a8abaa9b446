"""Builds the root that a submission sees: read-only binds, /input, /code, /output and /tmp."""

import contextlib
import os
import socket

from blueprint.evaluate.sandbox.launcher import kernel
from blueprint.evaluate.sandbox.launcher.privileges import NOBODY
from blueprint.evaluate.sandbox.launcher.spec import LauncherError, Spec

# Not zero: mapped and shared, it is memory that is in no process's account.
_DEVICES = ("null", "full", "random", "urandom")
_SAFE = kernel.NOSUID | kernel.NODEV
_READ_ONLY = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NODEV
_SHARED_MEMORY_BYTES = 64 * 1024 * 1024
# What statvfs reports and what mount takes are the same bits, but for this one.
_ST_RELATIME, _MS_RELATIME = 0x1000, 0x200000
_KEPT_FLAGS = 0x40F  # read-only, nosuid, nodev, noexec, noatime


def build_root(spec: Spec, place: str) -> None:
    """Build the root on top of `place`, an empty folder, and enter it.

    Must run as process 1 of the new process namespace: /proc shows the namespace of its mounter.
    """
    kernel.mount("tmpfs", place, "tmpfs", _SAFE, "mode=0755,size=1m,nr_inodes=8k")
    for source, target in spec.binds:
        _bind(source, place + target, _READ_ONLY)
    _show_inputs(spec.inputs, place)
    if spec.code is not None:
        _bind(spec.code, f"{place}/code", _READ_ONLY)
    for path, points_to in spec.links:
        _parents(place + path)
        os.symlink(points_to, place + path)
    for path, content in spec.texts:
        _write(place + path, content)
    for path in spec.masks:
        _mask(place + path)
    _mount_writable(spec, place)
    _mount_devices(place)
    _mount_proc(place)
    kernel.mount("", place, None, kernel.REMOUNT | kernel.BIND | kernel.RDONLY | _SAFE)
    kernel.enter_root(place)
    socket.sethostname("sandbox")


def freeze_proc() -> int:
    """Cover /proc with a view of it that cannot be written; return a descriptor of the one below.

    There a process could make itself less likely to be chosen when the machine is out of memory.
    """
    below = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    if os.path.ismount("/proc"):
        kernel.mount("/proc", "/proc", None, kernel.BIND)
        _restrict("/proc", _READ_ONLY | kernel.ATTR_NOEXEC)
    return below


def _show_inputs(source: str, place: str) -> None:
    """Show the inputs, which all runs share, through a file system of this run's own.

    The overlay has inodes of its own: a lock, lease or watch on them is met by nobody else.
    """
    target, empty = f"{place}/input", f"{place}/output"  # nothing is mounted on the second yet
    attributes = _READ_ONLY | kernel.ATTR_NOEXEC | kernel.ATTR_NOSYMFOLLOW
    for folder in (target, empty):
        os.makedirs(folder, mode=0o755, exist_ok=True)
    lower = "".join(f"\\{sign}" if sign in ":,\\" else sign for sign in source)
    try:
        kernel.mount("overlay", target, "overlay", _SAFE, f"lowerdir={lower}:{empty}")
    except LauncherError:
        # A normal user before Linux 5.11; a file system that cannot lie below another.
        _bind(source, target, attributes)
    else:
        _restrict(target, attributes)


def _bind(source: str, target: str, attributes: int) -> None:
    try:
        if os.path.isdir(source):
            os.makedirs(target, mode=0o755, exist_ok=True)
        else:
            os.stat(source)
            _write(target, "")
    except OSError as error:
        raise LauncherError(f"bind {source}: {error.strerror}") from None
    kernel.mount(source, target, None, kernel.BIND | kernel.RECURSIVE)
    _restrict(target, attributes)


def _restrict(target: str, attributes: int) -> None:
    for wanted in (attributes, attributes & ~kernel.ATTR_NOSYMFOLLOW):
        with contextlib.suppress(OSError):
            kernel.set_mount_attributes(target, wanted)
            return
    # Before Linux 5.12: the flags that the source has must be repeated, or the kernel refuses.
    present = os.statvfs(target).f_flag
    flags = present & _KEPT_FLAGS | (_MS_RELATIME if present & _ST_RELATIME else 0)
    plain = attributes & (kernel.RDONLY | _SAFE | kernel.NOEXEC)
    kernel.mount("", target, None, kernel.REMOUNT | kernel.BIND | flags | plain)


def _mask(target: str) -> None:
    if os.path.isdir(target):
        flags = _SAFE | kernel.NOEXEC | kernel.RDONLY
        kernel.mount("tmpfs", target, "tmpfs", flags, "mode=0555,size=4k,nr_inodes=1")
    elif os.path.exists(target):
        _bind("/dev/null", target, _READ_ONLY & ~kernel.ATTR_NODEV)


def _mount_writable(spec: Spec, place: str) -> None:
    bounds = spec.bounds
    owner = f"mode=0700,uid={NOBODY},gid={NOBODY},nr_inodes={bounds.files + 1}"
    for name, size_bytes, flags in (
        ("output", bounds.output_bytes, _SAFE | kernel.NOEXEC),
        ("tmp", bounds.tmp_bytes, _SAFE),
        ("dev/shm", _SHARED_MEMORY_BYTES, _SAFE | kernel.NOEXEC),
    ):
        os.makedirs(f"{place}/{name}", mode=0o755, exist_ok=True)
        kernel.mount("tmpfs", f"{place}/{name}", "tmpfs", flags, f"{owner},size={size_bytes}")
    os.makedirs(f"{place}/code", mode=0o755, exist_ok=True)


def _mount_devices(place: str) -> None:
    for name in _DEVICES:
        attributes = kernel.ATTR_NOSUID | kernel.ATTR_NOEXEC
        _bind(f"/dev/{name}", f"{place}/dev/{name}", attributes)
    for name, points_to in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{points_to}", f"{place}/dev/{name}")


def _mount_proc(place: str) -> None:
    """Mount a /proc of the sandbox's own processes, without the machine's facts where possible."""
    os.makedirs(f"{place}/proc", mode=0o755)
    flags = _SAFE | kernel.NOEXEC
    for options in ("subset=pid", ""):
        # Inside a container /proc may be refused; then there is none, which hides more, not less.
        with contextlib.suppress(LauncherError):
            kernel.mount("proc", f"{place}/proc", "proc", flags, options)
            return


def _parents(path: str) -> None:
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)


def _write(path: str, content: str) -> None:
    _parents(path)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        os.write(fd, content.encode())
    finally:
        os.close(fd)
