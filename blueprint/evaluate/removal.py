"""Removes folders in which a stranger's program wrote, whatever it left there."""

import contextlib
import os
import shutil
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it; what cannot be removed stays, and is no error.

    `shutil.rmtree` goes down by recursion, so it fails on folders nested a thousand deep, and on
    ones that nobody may enter. So every folder inside is first moved up to lie right below
    `folder`: no path is ever longer than two names.
    """
    with contextlib.suppress(OSError):
        _flatten(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _flatten(folder: Path) -> None:
    waiting = _folders_in(folder)
    moved = 0
    while waiting:
        inner = folder / waiting.pop()
        with contextlib.suppress(OSError):
            inner.chmod(0o700)
            for name in _folders_in(inner):
                (inner / name).chmod(0o700)  # else its owner may not move it
                moved += 1
                up = folder / f".moved-{moved}"
                (inner / name).rename(up)
                waiting.append(up.name)


def _folders_in(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
