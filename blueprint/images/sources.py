"""Reads bytes from a file that a stranger wrote: regular files only, gzip unpacked bit by bit."""

import errno
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from blueprint.errors import InputError

_CHUNK_BYTES = 64 * 1024
_MOST_MEMBERS = 65_536  # a file of a million tiny gzip members is made to waste time
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 31  # zlib's name for "one gzip member, checksum verified"
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class VolumeError(InputError):
    """A file is no usable volume; the message is the rest of a sentence about the file.

    `found` quotes the file. It is kept apart because the file's writer chose it: a program that
    saw images which it may not show could spell them out there.
    """

    def __init__(self, message: str, *, found: str = "") -> None:
        super().__init__(message)
        self.found = found

    @property
    def in_full(self) -> str:
        """The message with what was found, for those who may see that."""
        return f"{self} (found: {self.found})" if self.found else str(self)


class Digest(Protocol):
    """What `hashlib` makes."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes in."""


class Readable(Protocol):
    """A file, as far as it is needed here."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


class _Tapped:
    """A file whose every byte goes into a digest as well."""

    def __init__(self, file: BinaryIO, digest: Digest) -> None:
        self._file = file
        self._digest = digest

    def read(self, size: int, /) -> bytes:
        piece = self._file.read(size)
        self._digest.update(piece)
        return piece

    def drain(self) -> None:
        while self.read(_CHUNK_BYTES):
            pass


class ByteSource:
    """A file's content, unpacked when it is gzip; never holds more than was asked for."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        head = file.read(_CHUNK_BYTES)
        self._packed = head
        self._gzip = zlib.decompressobj(_GZIP) if head.startswith(_GZIP_MAGIC) else None
        self._members = 1

    def read_exactly(self, size_bytes: int) -> bytearray:
        """Return the next `size_bytes` bytes.

        Memory grows with the bytes that are really there, not with what was asked for.

        Raises:
            VolumeError: The content ends early, or its gzip stream is damaged.
        """
        content = bytearray()
        while len(content) < size_bytes:
            piece = self._read_some(size_bytes - len(content))
            if not piece:
                raise VolumeError("ends before all of its data: the file is cut off")
            content += piece
        return content

    def is_at_end(self) -> bool:
        """Tell whether nothing follows; at the end of gzip its checksum is verified."""
        return not self._read_some(1)

    def _read_some(self, size_bytes: int) -> bytes:
        if self._gzip is None:
            return self._take(size_bytes)
        while True:
            try:
                piece = self._gzip.decompress(self._next_packed(), size_bytes)
            except zlib.error:
                raise VolumeError("is damaged: its gzip data cannot be unpacked") from None
            self._packed = self._gzip.unconsumed_tail
            if piece:
                return piece
            if self._gzip.eof and not self._starts_next_member():
                return b""
            if not self._packed and not self._gzip.eof and not self._refill():
                raise VolumeError("ends before all of its data: the file is cut off")

    def _next_packed(self) -> bytes:
        if self._gzip is not None and self._gzip.eof:
            return b""
        return self._packed

    def _starts_next_member(self) -> bool:
        """Go on with the gzip member that follows, if one does (block-wise gzip has many)."""
        if self._gzip is None:
            return False
        self._packed = self._gzip.unused_data
        while len(self._packed) < len(_GZIP_MAGIC) and self._refill():
            pass
        if not self._packed:
            return False
        self._members += 1
        if not self._packed.startswith(_GZIP_MAGIC) or self._members > _MOST_MEMBERS:
            raise VolumeError("is damaged: something else follows its gzip data")
        self._gzip = zlib.decompressobj(_GZIP)
        return True

    def _refill(self) -> bool:
        more = self._file.read(_CHUNK_BYTES)
        self._packed += more
        return bool(more)

    def _take(self, size_bytes: int) -> bytes:
        if not self._packed and not self._refill():
            return b""
        piece, self._packed = self._packed[:size_bytes], self._packed[size_bytes:]
        return piece


@contextmanager
def open_source(
    path: Path, *, max_file_bytes: int, digest: Digest | None = None
) -> Iterator[ByteSource]:
    """Give the content of a regular file (see `open_regular`).

    Args:
        path: The file.
        max_file_bytes: A larger one is refused unread.
        digest: Updated with every byte of the file; when this ends well or by a `VolumeError`
            inside, with all of them, the ones that nobody asked for too.

    Raises:
        VolumeError: It is no regular file, or larger than `max_file_bytes`.
    """
    with open_regular(path) as file:
        size_bytes = os.fstat(file.fileno()).st_size
        if size_bytes > max_file_bytes:
            raise VolumeError(f"is larger than {max_file_bytes / 2**20:g} MiB")
        if size_bytes == 0:
            raise VolumeError("is empty")
        if digest is None:
            yield ByteSource(file)
            return
        tapped = _Tapped(file, digest)
        try:
            yield ByteSource(tapped)
        except VolumeError:
            tapped.drain()
            raise
        tapped.drain()


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, unbuffered; links are never followed, pipes never waited for.

    Raises:
        VolumeError: It is no regular file, or cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise VolumeError(_why_not_opened(error)) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise VolumeError(f"is {kind}, not a regular file")
    return os.fdopen(descriptor, "rb", buffering=0)


def _why_not_opened(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "is a symbolic link, not a regular file"
    if error.errno == errno.ENXIO:
        return "is a socket, not a regular file"
    if error.errno == errno.ENOENT:
        return "does not exist"
    if error.errno == errno.ENOTDIR:
        return "does not exist: a part of its path is a file, not a folder"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "may not be read by this user"
    return "cannot be opened"
