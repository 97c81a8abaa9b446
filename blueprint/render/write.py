"""Writes a bundle to a folder, and never over something that is none."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from blueprint.errors import InputError
from blueprint.render.bundle import PLAN, read_stored

_MODE = 0o644
_FOLDERS = {"hosts", "images", "roles"}
"""What is the bundle's alone: a host that is no longer planned leaves no folder behind."""


def write_bundle(files: Mapping[str, str], folder: Path) -> None:
    """Make `folder` hold the bundle; what lies beside its files, such as `.git`, stays.

    Raises:
        InputError: It holds something else than a bundle, or cannot be written.
    """
    folder = folder.absolute()
    _demand_bundle_or_nothing(folder)
    draft = folder / ".new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(files, draft)
        for name in sorted({path.partition("/")[0] for path in files} | _FOLDERS):
            _replace(draft / name, folder / name)
        draft.rmdir()
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written: {error.strerror}", hint="name another folder with --to"
        ) from None


def _write(files: Mapping[str, str], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
        target.chmod(_MODE)


def _replace(new: Path, old: Path) -> None:
    """Put a file or folder in place of the one that was there, or remove that."""
    if old.is_dir() and not old.is_symlink():
        shutil.rmtree(old)
    else:
        old.unlink(missing_ok=True)
    if new.exists():
        new.rename(old)


def _demand_bundle_or_nothing(folder: Path) -> None:
    if not folder.exists():
        return
    try:
        if not list(folder.iterdir()):
            return
        read_stored((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(
            f"{folder}: is there already and is no bundle: nothing was written",
            hint="name a new folder, or one that `diychallenge render` wrote",
        ) from None
