"""`diychallenge check`: is challenge.yaml right?"""

from typing import Annotated

import typer

from cli import output
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile, definition


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples("diychallenge check", "diychallenge check --explain",
                        "diychallenge check --schema > challenge.schema.json")
    )(check)  # fmt: skip


def check(
    file: ProjectFile = HERE,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print every default in force, with its reason.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema for editors, check nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Name every mistake in challenge.yaml, by line and column.

    A file without mistakes is summed up instead.
    """
    from blueprint.config import explain as explaining
    from blueprint.config.faults import ConfigFaults
    from blueprint.config.load import load

    if schema:
        from blueprint.config.reference import json_schema

        output.document(json_schema())
        return
    path = definition(file)
    try:
        challenge = load(path)
    except ConfigFaults as faults:
        if not as_json:
            raise
        typer.echo(faults.as_json())
        raise typer.Exit(faults.exit_code) from None
    if as_json:
        described = challenge.model_dump(mode="json", by_alias=True)
        output.document({"faults": [], "challenge": described})
        return
    output.say(f"{path}: ok")
    for line in explaining.explain(challenge) if explain else explaining.summary(challenge):
        output.say(line)
