"""Finds and opens the files of a release without ever leaving its folder."""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"
MAX_FILES = 200_000
_MAX_DEPTH = 32
_MAX_FAULTS = 20
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class ReleaseFile:
    """A regular file; `path` is relative to the folder, with slashes."""

    path: str
    size_bytes: int
    modified_ns: int


def list_files(folder: Path) -> tuple[list[ReleaseFile], list[str]]:
    """Return the files below `folder` sorted by path, and what is wrong with it (at most 20).

    Names that begin with a dot are left out. A link is a fault, never followed; so is anything
    that is neither a file nor a folder, and a name that not every client could show.
    """
    files: list[ReleaseFile] = []
    faults: list[str] = []
    try:
        for entry, path in _walk(folder, "", 0, faults):
            told = entry.stat(follow_symlinks=False)
            files.append(ReleaseFile(path, told.st_size, told.st_mtime_ns))
            if len(files) > MAX_FILES:
                faults.append(f"{folder} holds more than {MAX_FILES} files")
                break
            if len(faults) >= _MAX_FAULTS:
                break
    except OSError as error:
        faults.append(f"{error.filename or folder} cannot be read: {error.strerror}")
    return sorted(files, key=lambda file: file.path), faults[:_MAX_FAULTS]


def _walk(
    folder: Path, prefix: str, depth: int, faults: list[str]
) -> Iterator[tuple[os.DirEntry[str], str]]:
    if depth > _MAX_DEPTH:
        faults.append(f"{prefix!r} lies deeper than {_MAX_DEPTH} folders")
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            path = prefix + entry.name
            if entry.name.startswith("."):
                continue
            if fault := _fault_of(entry, path):
                faults.append(fault)
            elif entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{path}/", depth + 1, faults)
            else:
                yield entry, path


def _fault_of(entry: os.DirEntry[str], path: str) -> str | None:
    if any(unicodedata.category(character)[0] == "C" for character in entry.name):
        return f"{path!r} has a name with invisible characters or not in UTF-8"
    if path in (MANIFEST, SIGNATURE):
        return f"{path!r} is the name of the manifest that is added to every release"
    if entry.is_symlink():
        return f"{path!r} is a symbolic link; put the file itself there"
    if not entry.is_dir(follow_symlinks=False) and not entry.is_file(follow_symlinks=False):
        return f"{path!r} is neither a file nor a folder"
    return None


def open_beneath(folder: Path, path: str) -> int:
    """Open a regular file below `folder` for reading and return its descriptor.

    Only `folder` itself may be reached through a link: each part below it is opened by itself
    and never followed, so that a link put there later leads nowhere.

    Raises:
        OSError: A part is missing, is a link, or is not what it should be.
    """
    *folders, name = path.split("/")
    if any(part in ("", ".", "..") for part in (*folders, name)):
        raise FileNotFoundError(path)
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in folders:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        # O_NONBLOCK: a pipe that was put in the file's place would never answer.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        descriptor = os.open(name, flags, dir_fd=here)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return descriptor


def sha256_beneath(folder: Path, file: ReleaseFile) -> str:
    """Return the hex SHA-256 of a file as it was listed.

    Raises:
        OSError: It cannot be read, or was changed since, or while it was being read.
    """
    digest = hashlib.sha256()
    with os.fdopen(open_beneath(folder, file.path), "rb") as data:
        while chunk := data.read(_CHUNK_BYTES):
            digest.update(chunk)
        told = os.fstat(data.fileno())
    if (told.st_size, told.st_mtime_ns) != (file.size_bytes, file.modified_ns):
        raise OSError(f"{file.path} was changed while its checksum was being made")
    return digest.hexdigest()
