"""Writes a new challenge folder: challenge.yaml, pages, demonstration data, example submissions."""

import shutil
from datetime import datetime
from pathlib import Path

from blueprint import resources
from blueprint.config.load import load
from blueprint.config.scaffold import Answers, render_challenge_yaml
from blueprint.errors import InputError

_STARTER = resources.package_folder() / "scaffold" / "brain_tissue"
_PARTS = ("data", "pages", "submissions")
_GITIGNORE = "# What a deployment keeps of its own: never commit it.\n.diychallenge/\n"


def scaffold_challenge(folder: Path, answers: Answers, now: datetime) -> list[Path]:
    """Make a challenge in `folder` that `check` accepts and `deploy` brings up.

    Args:
        folder: Made when absent. Nothing that is in it is overwritten.
        answers: What the organizer said; it fills challenge.yaml.
        now: The dates of the phases lie around this moment.

    Returns:
        What was written, relative to `folder`, in the order a reader would open it.

    Raises:
        InputError: Something that would be written exists already; nothing was written then.
    """
    wanted = [Path("challenge.yaml"), *(Path(part) for part in _PARTS)]
    taken = [str(path) for path in wanted if (folder / path).exists()]
    if taken:
        raise InputError(
            f"{folder}: already holds {', '.join(taken)}",
            hint="name another folder: `diychallenge init FOLDER` overwrites nothing",
        )
    # First, as it says what is wrong with the answers: a faulty one must leave nothing behind.
    text = render_challenge_yaml(answers, now)
    folder.mkdir(parents=True, exist_ok=True)
    for part in _PARTS:
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_STARTER / part, folder / part, ignore=leave)
    (folder / "challenge.yaml").write_text(text, encoding="utf-8")
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
    load(folder / "challenge.yaml")
    return wanted


def example_submission(name: str) -> Path:
    """Return the folder of an example submission: threshold, kmeans or learned."""
    return _STARTER / "submissions" / name
