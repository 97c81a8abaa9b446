"""`diychallenge deploy`, `serve`, `down` and `destroy`: the platform as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.asking import confirm
from cli.data_states import data_lines
from cli.examples import examples
from cli.options import HERE, AcceptLoss, AsJson, ProjectFile, Verify, Yes, definition
from cli.progress import lines, progress
from cli.project import state_here

if TYPE_CHECKING:
    from blueprint.deploy.embedded import DeployReport
    from blueprint.evaluate.engine import Engine

_OPENING = ("opening the data", "files")
_OUTCOMES = {
    "started": "the platform is up",
    "recovered": "the platform had ended without being stopped: it is up again, nothing is lost",
    "restarted": "the platform was started anew with the change",
    "republished": "the pages were published again; the platform ran on",
    "unchanged": "nothing changed: the platform runs as deployed",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog=examples("diychallenge deploy", "diychallenge deploy --json"))(deploy)
    app.command(epilog=examples("diychallenge serve"))(serve)
    app.command(epilog=examples("diychallenge down"))(down)
    app.command(epilog=examples("diychallenge destroy", "diychallenge destroy --yes"))(destroy)


def deploy(
    verify: Verify = False,
    accept_loss: AcceptLoss = False,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Bring the platform up as challenge.yaml says.

    Nothing is touched before the file, this machine and the ports are found good. A second call
    changes nothing and says so; after an edit, the platform starts anew with the change. Test
    data, metrics and ranking that results hang on stay as they were put in force.
    """
    from blueprint.deploy import embedded

    if as_json:
        with progress(*_OPENING) as opened:
            done = embedded.deploy(
                definition(file), engine(), progress=opened, verify=verify,
                accept_loss=accept_loss,
            )  # fmt: skip
            output.document(done)
        return
    with output.working("deploying") as tell:
        opened = lines(*_OPENING, tell)
        report = embedded.deploy(
            definition(file), engine(), report=tell, progress=opened, verify=verify,
            accept_loss=accept_loss,
        )  # fmt: skip
    _print(report)


def serve(
    file: ProjectFile = HERE,
    state: Annotated[
        Path | None,
        typer.Option(help="Run what was deployed into this state folder, as it is there."),
    ] = None,
) -> None:
    """Run the platform in front, for containers and systemd.

    SIGTERM stops intake and ends it within 10 seconds.
    """
    from blueprint.deploy.embedded import ready
    from blueprint.deploy.record import demand_deployed
    from blueprint.serve import platform_process
    from blueprint.state import StateFolder

    if state is None:
        with progress(*_OPENING) as opened:
            folder = ready(definition(file), engine(), report=output.say, progress=opened)
    else:
        folder = StateFolder(state.resolve())
        demand_deployed(folder)
    platform_process.serve(folder)


def down(file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Stop the platform; all that it holds stays.

    `diychallenge deploy` starts it again.
    """
    from blueprint.deploy import running

    state = state_here(file)
    ending = running.stop(state)
    if as_json:
        output.document({"outcome": ending, "state": state.root})
        return
    told = {
        "not running": "the platform was not running",
        "stopped": "the platform is stopped",
        "killed": "the platform did not end by itself and was killed; nothing is lost",
    }
    output.say(told[ending])


def destroy(file: ProjectFile = HERE, yes: Yes = False, as_json: AsJson = False) -> None:
    """Stop the platform and remove all that deploy made.

    It asks before it does. challenge.yaml, the pages and the data stay.
    """
    from blueprint.deploy import destroy as destroying

    state = state_here(file)
    held = destroying.holdings_of(state)
    if not yes:
        confirm(
            f"This removes {state.root} with {held.words}. There is no way back.",
            word=held.challenge,
            otherwise="not removed",
        )
    done = destroying.destroy(state)
    if as_json:
        output.document(done)
        return
    for path in done.removed:
        output.say(f"removed {path}")
    for path in done.emptied:
        output.say(f"left {path}: it is a mount point, and is empty now")
    for path in done.left:
        output.say(f"left {path}: no deploy made it")


def engine() -> "Engine":
    """Return what runs submissions on this machine."""
    from blueprint.evaluate.engines import choose_engine

    return choose_engine()


def _print(report: "DeployReport") -> None:
    for change in report.changes:
        output.say(f"changed: {change}")
    for line in data_lines([one for one in report.data if one.is_noteworthy]):
        output.say(line)
    output.say(f"{_OUTCOMES[report.outcome]} ({report.seconds:.1f} s)")
    output.facts({
        "portal and site": report.base_url,
        "data (SFTP)": report.sftp,
        "state": report.state,
        "log": report.log,
        "sandbox": report.sandbox.summary,
    })  # fmt: skip
