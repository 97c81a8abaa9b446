"""Copies what a program wrote, once all its processes are dead: regular files, nothing else."""

import os
import stat
from dataclasses import dataclass, field

_MAX_DEPTH = 8
_MAX_NAMED = 5
_CHUNK_BYTES = 1024 * 1024


class TooMuchError(Exception):
    """The program wrote more than it may, counted as the sizes that files claim."""


@dataclass
class Collection:
    """What may still be copied, and what was left behind."""

    bytes_left: int
    files_left: int
    dropped: list[str] = field(default_factory=list)

    def describe_dropped(self) -> str:
        """Return a sentence about what was not copied, empty when all was."""
        if not self.dropped:
            return ""
        named = ", ".join(ascii(name) for name in self.dropped[:_MAX_NAMED])
        more = len(self.dropped) - _MAX_NAMED
        return f"not copied from /output: {named}" + (f" and {more} more" if more > 0 else "")


def copy_tree(source_fd: int, target_fd: int, collection: Collection, at: str = "") -> None:
    """Copy the regular files below one folder into another, never following a link.

    Both folders are given as descriptors, so no name above them is ever looked up.

    Raises:
        TooMuchError: More bytes or more files than `collection` allows.
    """
    for name in sorted(os.listdir(source_fd)):
        path = f"{at}{name}"
        mode = os.stat(name, dir_fd=source_fd, follow_symlinks=False).st_mode
        collection.files_left -= 1
        if collection.files_left < 0:
            raise TooMuchError("more files than allowed")
        if not name.isprintable():
            collection.dropped.append(f"{path} (its name)")
        elif stat.S_ISREG(mode):
            _copy_file(name, source_fd, target_fd, collection, path)
        elif stat.S_ISDIR(mode) and path.count("/") < _MAX_DEPTH:
            _copy_folder(name, source_fd, target_fd, collection, path)
        else:
            collection.dropped.append(f"{path} ({_kind(mode)})")


def _copy_folder(
    name: str, source_fd: int, target_fd: int, collection: Collection, path: str
) -> None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        inner_source = os.open(name, flags, dir_fd=source_fd)
    except PermissionError:
        collection.dropped.append(f"{path} (unreadable)")
        return
    os.mkdir(name, 0o700, dir_fd=target_fd)
    inner_target = os.open(name, flags, dir_fd=target_fd)
    try:
        copy_tree(inner_source, inner_target, collection, f"{path}/")
    finally:
        os.close(inner_source)
        os.close(inner_target)


def _copy_file(
    name: str, source_fd: int, target_fd: int, collection: Collection, path: str
) -> None:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        source = os.open(name, flags, dir_fd=source_fd)
    except PermissionError:
        collection.dropped.append(f"{path} (unreadable)")
        return
    try:
        # A sparse file claims more than it holds, and would be copied in full.
        collection.bytes_left -= os.fstat(source).st_size
        if collection.bytes_left < 0:
            raise TooMuchError("more bytes than allowed")
        created = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        target = os.open(name, created, 0o600, dir_fd=target_fd)
        try:
            while chunk := os.read(source, _CHUNK_BYTES):
                _write_all(target, chunk)
        finally:
            os.close(target)
    finally:
        os.close(source)


def _write_all(fd: int, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[os.write(fd, left) :]


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFDIR: "a folder too deep",
    }
    return kinds.get(stat.S_IFMT(mode), "a device")
