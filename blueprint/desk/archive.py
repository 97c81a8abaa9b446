"""A submission's files on their way to another machine: a bounded tar of regular files.

Both sides keep the same bounds, which are those of the push: the platform when it packs, the
evaluation host again when it unpacks. Nothing of the archive is trusted but contents of files.
"""

import errno
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from blueprint.desk.port import CodeError

MAX_FILES = 2000
MAX_FILE_BYTES = 100 * 1024**2
MAX_TOTAL_BYTES = 200 * 1024**2
_MAX_PATH_BYTES = 4096
_BLOCK_BYTES = 512
_PIECE_BYTES = 64 * 1024
MAX_ARCHIVE_BYTES = MAX_TOTAL_BYTES + MAX_FILES * (_MAX_PATH_BYTES + 6 * _BLOCK_BYTES) + 4 * 10_240
"""Contents, and for each file its heads, a long path and what fills the last block."""
# Names too long, and names that only the other side could tell apart.
_UNWRITABLE = (errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EILSEQ)


class CutOffError(Exception):
    """The archive ended too early, or is none."""


def pack(folder: Path) -> Iterator[bytes]:
    """Yield the files below a folder as an archive, piece by piece.

    Raises:
        CodeError: The folder holds something that no submission holds.
    """
    written = _Written()
    with tarfile.open(fileobj=written, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        bounds = _Bounds()
        for path in _files_of(folder):
            entry = tarfile.TarInfo(str(path.relative_to(folder)))
            status = path.lstat()
            if path.is_symlink() or not path.is_file():
                raise CodeError("the commit has something that is no regular file")
            entry.size = status.st_size
            entry.mode = 0o755 if status.st_mode & 0o100 else 0o644
            bounds.add(entry.size)
            with path.open("rb") as file:
                archive.addfile(entry, file)
            yield from written.take()
    yield from written.take()


def unpack(pieces: Iterable[bytes], folder: Path) -> int:
    """Write an archive's files into an empty folder and return how many there are.

    Raises:
        CodeError: It holds what a submission may not hold.
        CutOffError: It is not whole.
    """
    bounds, source = _Bounds(), _Read(pieces)
    try:
        with tarfile.open(fileobj=source, mode="r|") as archive:
            for entry in archive:
                bounds.add(entry.size)
                _write(archive, entry, folder)
        source.demand_end()
    except (tarfile.TarError, EOFError, UnicodeError, ValueError) as error:
        raise CutOffError(f"not a whole archive: {error}") from None
    return bounds.files


class _Bounds:
    """Counts files and bytes."""

    def __init__(self) -> None:
        self.files = 0
        self._bytes = 0

    def add(self, size_bytes: int) -> None:
        self.files += 1
        self._bytes += size_bytes
        if self.files > MAX_FILES:
            raise CodeError(f"the commit has more than {MAX_FILES} files")
        if size_bytes > MAX_FILE_BYTES:
            raise CodeError(f"the commit has a file larger than {MAX_FILE_BYTES >> 20} MiB")
        if self._bytes > MAX_TOTAL_BYTES:
            raise CodeError(f"the commit's files are larger than {MAX_TOTAL_BYTES >> 20} MiB")


class _Written(io.RawIOBase):
    """Keeps what tarfile writes until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._kept += piece
        return len(piece)

    def take(self) -> Iterator[bytes]:
        kept, self._kept = bytes(self._kept), bytearray()
        for start in range(0, len(kept), _PIECE_BYTES):
            yield kept[start : start + _PIECE_BYTES]


class _Read(io.RawIOBase):
    """Gives tarfile what it asks for, out of pieces of any size, up to the bound."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._left = b""
        self._total = 0
        self._tail = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._left) < size:
            piece = self._next()
            if not piece:
                break
            self._left += piece
        given, self._left = self._left[:size], self._left[size:]
        return given

    def demand_end(self) -> None:
        """Read the rest; a whole archive ends with two blocks of zeros."""
        while self._next():
            pass
        if self._tail != bytes(2 * _BLOCK_BYTES):
            raise EOFError("its end is missing")

    def _next(self) -> bytes:
        piece = next(self._pieces, b"")
        self._total += len(piece)
        if self._total > MAX_ARCHIVE_BYTES:
            raise CodeError("the archive of the commit is larger than any submission")
        self._tail = (self._tail + piece)[-2 * _BLOCK_BYTES :]
        return piece


def _files_of(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        linked = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in sorted([*names, *linked]))


def _write(archive: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    if not entry.isreg() or entry.issparse():
        raise CodeError("the commit has something that is no regular file")
    content = archive.extractfile(entry)
    if content is None:
        raise CodeError("the commit has something that is no regular file")
    path = folder / _safe(entry.name)
    mode = 0o755 if entry.mode & 0o100 else 0o644
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as file:
            while piece := content.read(_PIECE_BYTES):
                file.write(piece)
            os.fchmod(file.fileno(), mode)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        raise CodeError("the commit has a file that cannot be written here") from None
    if path.stat().st_size != entry.size:
        raise EOFError("a file was cut off")


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    unsafe = not path.parts or path.is_absolute() or "\0" in name
    if unsafe or any(part in ("..", ".git") for part in path.parts):
        raise CodeError("the commit has a file with an unsafe name")
    return path
