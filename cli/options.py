"""The options that several commands share, so that one word means one thing everywhere."""

from pathlib import Path
from typing import Annotated

import typer

ProjectFile = Annotated[
    Path,
    typer.Option("--file", "-f", help="challenge.yaml, or the folder that holds it."),
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
