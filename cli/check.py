"""`diychallenge check`: are challenge.yaml and the data that it names right?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blueprint.errors import InputError
from cli import data_table, output
from cli.examples import examples
from cli.options import HERE, AsJson, GivenFile, ProjectFile, chosen
from cli.progress import progress

if TYPE_CHECKING:
    from blueprint.data.check.run import Checked


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples("diychallenge check", "diychallenge check --explain",
                        "diychallenge check --no-data",
                        "diychallenge check --schema > challenge.schema.json")
    )(check)  # fmt: skip


def check(
    given: GivenFile = None,
    *,
    file: ProjectFile = HERE,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print every default in force, with its reason.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema for editors, check nothing.")
    ] = False,
    no_data: Annotated[
        bool, typer.Option("--no-data", help="Look at the file and its folders; open no data.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Name every mistake in challenge.yaml and in the data, by line and column.

    Every input and every reference is opened: that it can be read, lies on one grid with the
    case's image, and holds labels of the task. What was not touched since is not read again.
    Without mistakes, the challenge is summed up and its cases are listed.
    """
    if schema:
        from blueprint.config.reference import json_schema

        output.document(json_schema())
        return
    path = chosen(given, file)
    checked = _checked(path, with_data=not no_data)
    if as_json:
        _print_json(checked)
        return
    challenge = checked.demand_good()
    from blueprint.config import explain as explaining

    output.say(f"{path}: ok")
    for line in explaining.explain(challenge) if explain else explaining.summary(challenge):
        output.say(line)
    if challenge.target == "server" and not explain:
        _say_servers(path)
    if checked.data is not None and not explain:
        data_table.say(checked.data)


def _say_servers(path: Path) -> None:
    """Print what the admin still has to bring, and what could be better."""
    from blueprint.deploy.server_plan import bundle_of, wanted_lines, warnings

    bundle = bundle_of(path)
    for host in bundle.plan.hosts:
        services = ", ".join(service.name for service in host.services)
        output.say(f"host {host.name}: {host.address}, {services}")
    for line in (*warnings(bundle), *wanted_lines(bundle)):
        output.say(f"note: {line}")


def _checked(path: Path, *, with_data: bool) -> "Checked":
    from blueprint.data.check import run
    from blueprint.deploy.locate import state_of

    checked = run.check_file(path)
    if not with_data or checked.challenge is None:
        return checked
    with progress("opening the data", "files") as report:
        return run.check_data(checked, path.parent, state_of(path), progress=report)


def _print_json(checked: "Checked") -> None:
    challenge = checked.challenge
    output.document({
        "faults": checked.faults,
        "challenge": challenge and challenge.model_dump(mode="json", by_alias=True),
        "data": checked.data and data_table.as_json(checked.data),
    })  # fmt: skip
    if checked.faults:
        raise typer.Exit(InputError.exit_code)
