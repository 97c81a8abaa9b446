"""`diychallenge demo`: the whole walk, on this machine, in about a minute."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.examples import examples
from cli.leaderboard import print_boards
from cli.options import AsJson

if TYPE_CHECKING:
    from blueprint.demo.story import Step
    from blueprint.demo.walk import Summary

_WIDTH = 88


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=examples("diychallenge demo", "diychallenge demo --keep"))(demo)


def demo(
    folder: Annotated[
        Path, typer.Option(help="Made by the demonstration, replaced by the next one.")
    ] = Path(".demo"),
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the platform running afterwards.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Deploy a challenge and take part in it: the whole walk.

    Three teams register, download, push, are scored and ranked; everything is real.
    """
    from blueprint.demo.walk import run_demo

    if not as_json:
        output.say("A challenge from an empty folder to a ranked leaderboard:")
    summary = run_demo(folder, keep=keep, report=_quiet if as_json else _tell)
    if as_json:
        output.document(summary)
        return
    output.say()
    print_boards(json.loads((folder / "site" / "leaderboard.json").read_text(encoding="utf-8")))
    output.say()
    _print_end(folder, summary)


def _tell(step: "Step") -> None:
    title = output.bold(output.visible(step.title))
    dots = " " + "." * max(3, _WIDTH - len(step.title) - 1) + " "
    typer.echo(f"  {title}{dots}{step.seconds:5.1f} s")
    for line in step.quoted:
        output.say(f"      | {line}")


def _print_end(folder: Path, summary: "Summary") -> None:
    output.say(f"done in {summary.seconds:.0f} s; everything is in {folder}:")
    output.say(f"  {folder / 'site' / 'leaderboard.html'}")
    output.say(f"  {folder / 'summary.json'}")
    if summary.running:
        output.say(f"the platform runs on: {summary.base_url} (data: sftp {summary.sftp})")
        output.say(f"stop it with: diychallenge down --file {folder / 'challenge'}")


def _quiet(_step: "Step") -> None:
    return None
