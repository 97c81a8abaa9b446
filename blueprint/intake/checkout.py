"""Writes the files of a pushed commit into a folder: regular files, never git's own checkout."""

import errno
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from blueprint.adapters.git import OverrunError, TreeEntry, list_tree, read_blobs
from blueprint.desk.archive import MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES
from blueprint.desk.port import CodeError

# Names too long, and names that only git can tell apart.
_UNWRITABLE = (errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EILSEQ)
MAX_CPU_S = 120
"""Computing time for reading a commit's files: of deltas upon deltas, each may take seconds."""
_MODES = {"100644": 0o644, "100755": 0o755}


def materialise(repository: Path, commit: str, folder: Path, *, below: str = "") -> int:
    """Write a commit's files into `folder` and return how many there are.

    The files are read as objects: no filter, hook, attribute or submodule of the repository is
    ever in force. The push was judged by the same bounds; this does not rely on it.

    Args:
        repository: A bare repository.
        commit: The commit's full id.
        folder: An empty folder.
        below: When given, only this folder of the commit, without its own name.

    Raises:
        CodeError: A link, a submodule, an unsafe name, or more than the bounds allow.
    """
    entries = list_tree(repository, commit, max_entries=MAX_FILES + 1)
    _check_bounds(entries)
    wanted: dict[str, list[tuple[Path, int]]] = defaultdict(list)
    for entry in entries:
        path = _relative_path(entry, below)
        if path is not None:
            wanted[entry.sha].append((folder / path, _mode(entry)))
    try:
        for sha, content in _contents(repository, list(wanted)):
            for path, mode in wanted[sha]:
                _write(path, content, mode)
    except OverrunError as error:
        # The push was bounded too, but it may look at each object once, and this at many a time.
        raise CodeError(f"its files take too long to unpack: {error}; repack and push") from None
    return sum(len(places) for places in wanted.values())


def _contents(repository: Path, shas: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    return read_blobs(repository, shas, max_bytes=MAX_FILE_BYTES, cpu_s=MAX_CPU_S)


def _check_bounds(entries: Sequence[TreeEntry]) -> None:
    if len(entries) > MAX_FILES:
        raise CodeError(f"the commit has more than {MAX_FILES} files")
    # One blob may stand in many places: what counts is what would be written.
    total_bytes = sum(entry.size or 0 for entry in entries)
    if total_bytes > MAX_TOTAL_BYTES:
        raise CodeError(f"the commit's files are larger than {MAX_TOTAL_BYTES >> 20} MiB")


def _relative_path(entry: TreeEntry, below: str) -> Path | None:
    """Return where an entry goes below the folder, or None when it is not wanted."""
    parts = PurePosixPath(os.fsdecode(entry.path_bytes)).parts
    unsafe = not parts or parts[0] == "/" or any(part in ("..", ".git") for part in parts)
    if unsafe or b"\0" in entry.path_bytes:
        raise CodeError("the commit has a file with an unsafe name")
    if not below:
        return Path(*parts)
    return Path(*parts[1:]) if parts[0] == below and len(parts) > 1 else None


def _mode(entry: TreeEntry) -> int:
    if entry.mode not in _MODES:
        raise CodeError("the commit has something that is no regular file")
    return _MODES[entry.mode]


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        _write_new(path, content, mode)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        raise CodeError("the commit has a file that cannot be written here") from None


def _write_new(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)  # whatever the umask is: the sandbox's user reads it
