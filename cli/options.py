"""The options that several commands share, so that one word means one thing everywhere."""

from pathlib import Path
from typing import Annotated

import typer

from blueprint.errors import InputError

ProjectFile = Annotated[
    Path,
    typer.Option("--file", "-f", help="challenge.yaml, or the folder that holds it."),
]
GivenFile = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="challenge.yaml, or its folder; instead of --file."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]
AcceptLoss = Annotated[
    bool,
    typer.Option(
        "--accept-loss", help="Go on without a key or repositories that are lost for good."
    ),
]
Verify = Annotated[
    bool, typer.Option("--verify", help="Read all test data again, not only files that changed.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]

HERE = Path("challenge.yaml")


def definition(file: Path) -> Path:
    """Return the challenge.yaml that `--file` means."""
    return file / "challenge.yaml" if file.is_dir() else file


def chosen(given: Path | None, option: Path) -> Path:
    """Return the challenge.yaml that was named, as an argument or with `--file`.

    Raises:
        InputError: It was named in both ways.
    """
    if given is not None and option != HERE:
        raise InputError(f"{given} and --file {option}: name one challenge.yaml")
    return definition(given or option)
