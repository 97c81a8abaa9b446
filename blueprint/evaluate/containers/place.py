"""The folder that this engine keeps for a job: what the container sees, and where it may write.

Where this process may mount, each folder that the program reads is shown by a mount that refuses
writing, devices, set-user-id programs, execution and symbolic links, and /output is a file system
of a fixed size in a file. Docker gets these mounts as writable ones, because a read-only bind of
its own would lose those refusals. They are only needed until the container has started: it has
copies of its own, which end with it, so that nothing stays mounted when the evaluator dies.

Elsewhere Docker's own read-only binds are used, and /output is a plain folder that is measured.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blueprint.adapters import process
from blueprint.contracts.job import Job, Limits
from blueprint.errors import ToolError
from blueprint.evaluate.containers.settings import Mount
from blueprint.evaluate.removal import remove_tree
from blueprint.evaluate.sandbox.launcher import kernel
from blueprint.evaluate.sandbox.launcher.collect import Collection, TooMuchError, copy_tree
from blueprint.evaluate.sandbox.launcher.spec import LauncherError

NOBODY = 65534
_NO_SYMLINKS = 256  # MS_NOSYMFOLLOW (linux/mount.h), since Linux 5.10
_CLOSED = kernel.RDONLY | kernel.NOSUID | kernel.NODEV | kernel.NOEXEC | _NO_SYMLINKS
_OUTPUT, _DISK = "output", "output.img"
_MIB = 1024 * 1024
_SPARE_MIB = 8
"""For what the file system itself needs; outputs are counted again when they are collected."""
_INODE_BYTES = 256
_FULL_BYTES = 4 * _MIB
"""Half of what is spare: whoever left less wrote more than it may, and met the end."""
_TOOL_S = 60.0
_LOOKS = 10
_TOOLS = {**process.plain_environment()}
_TOOLS["PATH"] = f"{_TOOLS['PATH']}:/usr/sbin:/sbin"  # where mkfs lies, which users seldom have


def make_place(folder: Path, job: Job, *, bounded: bool) -> tuple[Mount, ...]:
    """Make a job's folder anew and return what its container sees; nothing is mounted yet."""
    let_go(folder)
    remove_tree(folder)
    folder.mkdir()
    folder.chmod(0o711)
    seen = _seen(job)
    for name in (*(seen if bounded else ()), _OUTPUT):
        (folder / name).mkdir()
    if bounded:
        reads = [Mount(str(folder / name), f"/{name}", writable=True) for name in seen]
    else:
        reads = [Mount(str(path), f"/{name}", writable=False) for name, path in seen.items()]
        if os.geteuid() == 0:
            os.chown(folder / _OUTPUT, NOBODY, NOBODY)
    return (*reads, Mount(str(folder / _OUTPUT), f"/{_OUTPUT}", writable=True))


def mount_place(folder: Path, job: Job) -> None:
    """Mount what a job's container sees into its folder.

    Raises:
        ToolError: The kernel refuses, or a program for file systems is missing.
    """
    try:
        for name, path in _seen(job).items():
            kernel.mount(str(path), str(folder / name), None, kernel.BIND)
            kernel.mount("", str(folder / name), None, kernel.BIND | kernel.REMOUNT | _CLOSED)
    except LauncherError as error:
        raise ToolError(str(error)) from error
    _make_disk(folder / _DISK, job.limits)
    _mount_disk(folder, "rw")
    (folder / _OUTPUT / "lost+found").rmdir()
    os.chown(folder / _OUTPUT, NOBODY, NOBODY)


def let_go(folder: Path) -> None:
    """Unmount whatever is mounted below a folder of ours; idempotent.

    What a container has of it stays, and ends with the container.
    """
    if not folder.exists():
        return
    root = f"{folder.resolve()}/"
    # While others mount, the kernel's list may name a mount twice, or pass one over.
    for _ in range(_LOOKS):
        targets = [target for target in _mount_points() if target.startswith(root)]
        if not targets:
            return
        for target in sorted(targets, reverse=True):
            kernel.unmount(target)


def collect(folder: Path, output: Path, limits: Limits, *, bounded: bool) -> str:
    """Copy the regular files that a program wrote; returns a sentence about what was not copied.

    Raises:
        TooMuchError: There are more bytes or files than it may write.
    """
    remove_tree(output)  # what was copied before we were killed
    output.mkdir(exist_ok=True)
    with _written(folder, bounded=bounded) as source:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        source_fd, target_fd = os.open(source, flags), os.open(output, flags)
        try:
            found = Collection(limits.output_mib * _MIB, limits.files)
            copy_tree(source_fd, target_fd, found)
        finally:
            os.close(source_fd)
            os.close(target_fd)
    return found.describe_dropped()


def is_full(folder: Path, *, bounded: bool) -> bool:
    """Tell whether /output had room left when the program ended; unbounded, it always had."""
    if not bounded:
        return False
    with _written(folder, bounded=True) as source:
        used = os.statvfs(source)
    return used.f_bavail * used.f_frsize < _FULL_BYTES or used.f_favail == 0


def is_beyond(folder: Path, limits: Limits) -> bool:
    """Tell whether a plain /output holds more than it may, or cannot be measured."""
    bytes_left, files_left = limits.output_mib * _MIB, limits.files
    for place, folders, names in os.walk(folder / _OUTPUT):
        for name in (*folders, *names):
            files_left -= 1
            try:
                found = (Path(place) / name).lstat()
            except FileNotFoundError:
                continue
            except OSError:
                return True
            bytes_left -= found.st_blocks * 512
        if bytes_left < 0 or files_left < 0:
            return True
    return False


@contextmanager
def _written(folder: Path, *, bounded: bool) -> Iterator[Path]:
    if not bounded:
        yield folder / _OUTPUT
        return
    let_go(folder)
    _mount_disk(folder, "ro")
    try:
        yield folder / _OUTPUT
    finally:
        let_go(folder)


def _mount_points() -> set[str]:
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    return {line.split()[4].replace("\\040", " ") for line in lines.splitlines()}


def _seen(job: Job) -> dict[str, Path]:
    """Return what a program reads, by the name under which it sees it."""
    wanted = {"input": job.inputs, "code": job.code, "model": job.weights}
    return {name: path.resolve() for name, path in wanted.items() if path is not None}


def _make_disk(file: Path, limits: Limits) -> None:
    inodes = limits.files + 16
    size = (limits.output_mib + _SPARE_MIB) * _MIB + inodes * _INODE_BYTES
    with file.open("xb") as disk:
        disk.truncate(size + size // 64)
    features = "^has_journal,^resize_inode"
    _tool(
        ["mkfs.ext4", "-q", "-F", "-b", "4096", "-I", str(_INODE_BYTES), "-N", str(inodes),
         "-m", "0", "-O", features, "--", str(file)]
    )  # fmt: skip


def _mount_disk(folder: Path, how: str) -> None:
    options = f"loop,{how},nosuid,nodev,noexec,nosymfollow"
    _tool(["mount", "-t", "ext4", "-o", options, "--", str(folder / _DISK), str(folder / _OUTPUT)])


def _tool(argv: list[str]) -> None:
    finished = process.run(argv, env=_TOOLS, timeout_s=_TOOL_S)
    if finished.code != 0:
        raise ToolError(f"{argv[0]}: {finished.error_text or f'exit code {finished.code}'}")


__all__ = ["TooMuchError", "collect", "is_beyond", "is_full", "let_go", "make_place", "mount_place"]
