"""Keeps what takes long to make, keyed by name and version, safe against two makers at once."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack.bench import progress

CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute()
    / "diychallenge-bench"
)
"""Read when this module is: tests have a cache folder of their own that is new every time."""


def ensure(name: str, version: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of `name` in this version; `make` fills it when it is absent.

    A maker works in a draft that is renamed when it is whole, so that a killed one leaves nothing
    that looks made. A second maker waits for the first.
    """
    folder = CACHE / name / version
    if folder.is_dir():
        return folder
    with locked(f"{name}-{version}"):
        if folder.is_dir():
            return folder
        draft = CACHE / "drafts" / f"{name}-{version}"
        remove(draft)
        draft.mkdir(parents=True)
        with progress.step(f"making {name} {version}, once"):
            make(draft)
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft.rename(folder)
    return folder


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Be the only process on this machine inside `name`; a killed holder lets go by itself."""
    folder = CACHE / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name.replace("/", "_")).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step(f"waiting for another process that makes {name}"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove(folder: Path) -> None:
    """Remove a folder if it is there, also one with files that are not writable (Go's modules)."""
    if not folder.exists():
        return
    for parent, folders, _ in os.walk(folder):
        for one in folders:
            path = Path(parent) / one
            if not path.is_symlink():
                path.chmod(0o755)
    shutil.rmtree(folder)
