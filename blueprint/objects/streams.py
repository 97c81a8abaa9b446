"""Bytes on their way into a store and out of it: counted, hashed, and bounded."""

import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from blueprint.errors import InputError
from blueprint.objects.port import DamagedError, Source, Stored, TooLargeError

CHUNK_BYTES = 1024 * 1024


def open_source(source: Source) -> BinaryIO:
    """Open what is put for reading.

    Raises:
        InputError: It is no regular file that can be read.
    """
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        file = open_file(source)
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise InputError(f"{source}: is no regular file")
    return file


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading: what a link leads to is none, and a named pipe is not waited for.

    Raises:
        OSError: It cannot be opened.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
    descriptor = os.open(path, flags)
    try:
        return os.fdopen(descriptor, "rb")
    except OSError:  # it is a folder
        os.close(descriptor)
        raise


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of an open file."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def named(key: str, version: str | None) -> str:
    """Return how an object, or one version of it, is called in a sentence."""
    return key if version is None else f"{key} (version {version})"


def copy_hashed(source: BinaryIO, sink: BinaryIO) -> tuple[str, int]:
    """Copy everything; return the SHA-256 and the number of bytes."""
    digest, size_bytes = hashlib.sha256(), 0
    for chunk in chunks_of(source):
        digest.update(chunk)
        size_bytes += len(chunk)
        sink.write(chunk)
    return digest.hexdigest(), size_bytes


def sha256_of(source: BinaryIO) -> tuple[str, int]:
    """Read everything; return the SHA-256 and the number of bytes."""
    digest, size_bytes = hashlib.sha256(), 0
    for chunk in chunks_of(source):
        digest.update(chunk)
        size_bytes += len(chunk)
    return digest.hexdigest(), size_bytes


def take(chunks: Iterable[bytes], stored: Stored, sink: BinaryIO, *, max_bytes: int) -> str:
    """Write what comes out of a store to `sink` and return its SHA-256.

    Raises:
        TooLargeError: More than `max_bytes` came, or were promised.
        DamagedError: It is not what was put.
    """
    _demand_small(stored.size_bytes, stored.key, max_bytes)
    digest, size_bytes = hashlib.sha256(), 0
    for chunk in chunks:
        size_bytes += len(chunk)
        _demand_small(size_bytes, stored.key, max_bytes)
        digest.update(chunk)
        sink.write(chunk)
    found = digest.hexdigest()
    if size_bytes != stored.size_bytes or (stored.sha256 is not None and found != stored.sha256):
        raise DamagedError(
            f"object {stored.key}: {size_bytes} bytes with the SHA-256 {found[:12]}... came, but"
            f" {stored.size_bytes} bytes with {(stored.sha256 or 'none noted')[:12]}... were put",
            hint="the store is damaged: put this object back from your backup",
        )
    return found


def _demand_small(size_bytes: int, key: str, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        raise TooLargeError(f"object {key}: is larger than {max_bytes} bytes")
