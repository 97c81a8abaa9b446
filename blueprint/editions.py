"""A folder of files that is replaced whole: editions named by content, one of them switched in."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

_UNFINISHED = ".unfinished-"


def put_edition(editions: Path, link: Path, files: Mapping[str, bytes]) -> Path:
    """Switch an edition that holds `files` in and return its folder, named after its content.

    An edition that exists is used again. A reader sees the old one or the new one, never a
    mixture, and the one before is kept for whoever is still reading it. Not for two writers at
    once: the caller holds a lock.

    Args:
        editions: The folder of all editions, made when absent.
        link: A symbolic link, switched to the edition in one step.
        files: Name to content; a name is no path.
    """
    editions.mkdir(parents=True, exist_ok=True)
    folder = editions / _content_id(files)
    for leftover in editions.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover)
    if not folder.is_dir():
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=editions))
        unfinished.chmod(0o755)
        for name, content in files.items():
            _write(unfinished / name, content)
        _sync(unfinished)
        unfinished.rename(folder)
        _sync(editions)
    before = link.readlink().name if link.is_symlink() else folder.name
    _switch(link, folder)
    if before != folder.name:
        _remove_old(editions, {before, folder.name})
    return folder


def _content_id(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()[:16]


def _switch(link: Path, folder: Path) -> None:
    """Point `link` at `folder` in one step; the link is relative, so the state may be moved."""
    target = Path(os.path.relpath(folder, link.parent))
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    _sync(link.parent)


def _remove_old(editions: Path, keep: set[str]) -> None:
    for folder in editions.iterdir():
        if folder.is_dir() and folder.name not in keep:
            shutil.rmtree(folder)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
