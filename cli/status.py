"""`diychallenge status`: how the platform stands."""

from typing import TYPE_CHECKING

import typer

from cli import output
from cli.data_states import data_lines
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile, Verify
from cli.project import open_here, target_here

if TYPE_CHECKING:
    from blueprint.deploy.status import StatusReport


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=examples("diychallenge status", "diychallenge status --json"))(status)


def status(verify: Verify = False, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Say whether the platform runs, what is open and what waits.

    The exit code is 1 when it should run and does not, or not well, or when nothing is evaluated
    because test data were changed after they were put in force, so that a script can tell.
    """
    report = target_here(file).status(open_here(file), verify=verify)
    if as_json:
        output.document(report)
    else:
        _print(report)
    held = any(one.is_held for one in report.data)
    if held or report.health in ("cut off", "not answering", "faulty"):
        raise typer.Exit(1)


def _print(report: "StatusReport") -> None:

    health = str(report.health)
    if report.pid is not None:
        health = f"{health} (process {report.pid}, since {output.cell(report.started_at)})"
    health = "\n".join([health, *report.faults])
    if report.advice:
        health = f"{health}\n{report.advice}"
    people = ", ".join(f"{number} {name}" for name, number in report.people.items())
    output.facts({
        "challenge": f"{report.title} ({report.challenge})",
        "platform": health,
        "portal and site": report.base_url,
        "data (SFTP)": report.sftp,
        "state": report.state,
        "log": report.log,
        "people": people or "nobody yet",
        "sandbox": "\n".join([report.sandbox.summary, *report.sandbox.weaker,
                              report.sandbox.advice]).rstrip(),
        "pending": "\n".join(report.pending) or "nothing: challenge.yaml is in force as it is",
        "test data": "\n".join(data_lines(report.data)),
    })  # fmt: skip
    output.say()
    output.table(
        ("phase", "now", "opens", "closes", "board", "submissions"),
        [(phase.id, phase.status, phase.opens, phase.closes, phase.visible,
          ", ".join(f"{number} {state}" for state, number in phase.submissions.items()))
         for phase in report.phases],
        empty="",
    )  # fmt: skip
