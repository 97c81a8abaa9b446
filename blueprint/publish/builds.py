"""Writes a build of the site beside the old one and switches it in at once."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from blueprint.state import StateFolder

_UNFINISHED = ".unfinished-"


@contextmanager
def one_build_at_a_time(state: StateFolder) -> Iterator[None]:
    """Hold the lock of the builds: one that read older rows must not replace a newer one."""
    state.site_builds.mkdir(parents=True, exist_ok=True)
    with (state.site_builds.parent / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def publish_files(state: StateFolder, files: Mapping[str, bytes]) -> Path:
    """Make `files` the published site and return its folder, named after its content.

    A build that exists is used again. The caller holds `one_build_at_a_time`.
    """
    folder = state.site_builds / _content_id(files)
    for leftover in state.site_builds.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover)
    if not folder.is_dir():
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=state.site_builds))
        unfinished.chmod(0o755)
        for name, content in files.items():
            _write(unfinished / name, content)
        _sync(unfinished)
        unfinished.rename(folder)
        _sync(state.site_builds)
    before = state.site.readlink().name if state.site.is_symlink() else folder.name
    _switch(state.site, folder)
    if before != folder.name:
        # A reader may still be loading the site before this one.
        _remove_old(state.site_builds, {before, folder.name})
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


def _remove_old(builds: Path, keep: set[str]) -> None:
    for folder in builds.iterdir():
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
