"""`diychallenge evaluators`: the evaluation hosts that this platform knows."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile
from cli.project import state_here

Name = Annotated[str, typer.Argument(help="The host's name, such as gpu-1.")]


def make_app() -> typer.Typer:
    """Return the group of commands."""
    app = typer.Typer(
        name="evaluators", help="The evaluation hosts that may take work.", no_args_is_help=True
    )
    app.command(epilog=examples("diychallenge evaluators add gpu-1 --into gpu-1-certificates"))(add)
    app.command(name="list", epilog=examples("diychallenge evaluators list"))(list_)
    app.command(epilog=examples("diychallenge evaluators renew gpu-1 --into gpu-1-renewed"))(renew)
    app.command(epilog=examples("diychallenge evaluators remove gpu-1"))(remove)
    return app


def add(
    name: Name,
    into: Annotated[Path, typer.Option(help="A new folder for its certificates.")],
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Make an evaluation host known, and write the certificates it needs.

    The folder holds its secret key, which is kept nowhere else: bring it to the host, then remove
    it here.
    """
    from blueprint.clock import system_clock
    from blueprint.serve.runner_certificates import add_worker

    made = add_worker(state_here(file), name, into, system_clock())
    if as_json:
        output.document({"name": name, "folder": made})
        return
    output.say(f"{name} is known; bring {made} there and start `diychallenge work` with it")


def renew(
    name: Name,
    into: Annotated[Path, typer.Option(help="A new folder for its new certificates.")],
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Write new certificates of an evaluation host, before its old ones end (825 days).

    Copy the files over the old ones on the host: it takes them as it works, without a restart.
    From then on the old ones are not accepted any more.
    """
    from blueprint.clock import system_clock
    from blueprint.serve.runner_certificates import renew_worker

    made = renew_worker(state_here(file), name, into, system_clock())
    if as_json:
        output.document({"name": name, "folder": made})
        return
    output.say(
        f"copy the files of {made} over those that {name} was given, then remove {made}; it works"
        " on meanwhile, and with its next question the old ones are worth nothing"
    )


def list_(file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """List the evaluation hosts and when their certificates end."""
    from blueprint.serve.runner_certificates import list_workers

    found = list_workers(state_here(file))
    if as_json:
        output.document([{"name": name, "until": until} for name, until in found])
        return
    output.table(("name", "certificate until"), found, empty="no evaluation host is known")


def remove(name: Name, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Shut an evaluation host out, from its next question on.

    What it was evaluating is given to another one when its lease ends, within ten minutes.
    """
    from blueprint.serve.runner_certificates import remove_worker

    remove_worker(state_here(file), name)
    if as_json:
        output.document({"name": name, "removed": True})
        return
    output.say(f"{name} is shut out")
