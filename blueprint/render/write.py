"""Writes a bundle to a folder, and never over something that is none."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from blueprint.errors import InputError
from blueprint.render.bundle import PLAN, read_stored

_MODE = 0o644


def write_bundle(files: Mapping[str, str], folder: Path) -> None:
    """Make `folder` hold exactly the bundle.

    Raises:
        InputError: It holds something else than a bundle, or cannot be written.
    """
    _demand_bundle_or_nothing(folder)
    draft = folder.with_name(f".{folder.name}.new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        for path, text in files.items():
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")
            target.chmod(_MODE)
        if folder.is_dir():
            shutil.rmtree(folder)
        draft.rename(folder)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written: {error.strerror}", hint="name another folder with --to"
        ) from None


def _demand_bundle_or_nothing(folder: Path) -> None:
    if not folder.exists():
        return
    try:
        if not any(folder.iterdir()):
            return
        read_stored((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(
            f"{folder}: is there already and is no bundle: nothing was written",
            hint="name a new folder, or one that `diychallenge render` wrote",
        ) from None
