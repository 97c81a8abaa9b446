"""`diychallenge deploy`, `serve`, `logs`, `down`, `destroy`: the platform as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.asking import confirm
from cli.data_states import data_lines
from cli.examples import examples
from cli.options import HERE, AcceptLoss, AsJson, ProjectFile, Verify, Yes, definition
from cli.progress import lines, progress
from cli.project import state_here, target_here

if TYPE_CHECKING:
    from blueprint.deploy.embedded import DeployReport

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
    app.command(epilog=examples("diychallenge logs", "diychallenge logs -n 200"))(logs)
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
    target = target_here(file)
    if as_json:
        with progress(*_OPENING) as opened:
            wanted = target.survey(progress=opened)
            done = target.apply(
                wanted, report=lambda _line: None, verify=verify, accept_loss=accept_loss
            )
            output.document(done)
        return
    with output.working("deploying") as tell:
        wanted = target.survey(progress=lines(*_OPENING, tell))
        report = target.apply(wanted, report=tell, verify=verify, accept_loss=accept_loss)
    _print(report)


def logs(
    number: Annotated[
        int, typer.Option("--lines", "-n", min=1, max=10_000, help="How many lines.")
    ] = 50,
    file: ProjectFile = HERE,
) -> None:
    """Print the last lines that the platform said of itself."""
    for line in target_here(file).logs(number):
        output.say(line)


def serve(
    file: ProjectFile = HERE,
    state: Annotated[
        Path | None,
        typer.Option(help="Run what was deployed into this state folder, as it is there."),
    ] = None,
    runner: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS:PORT",
            help="Answer evaluation hosts there; nothing is evaluated here then.",
        ),
    ] = None,
    runner_name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A name or address under which they reach it, for its certificate; repeatable.",
        ),
    ] = None,
    datasets: Annotated[
        Path | None,
        typer.Option(help="What `datasets write` wrote: the test data need not be here then."),
    ] = None,
) -> None:
    """Run the platform in front, for containers and systemd.

    SIGTERM stops intake and ends it within 10 seconds. With --runner the test data need not be on
    this machine, once they are in force or --datasets says what they hold.
    """
    from blueprint.deploy.embedded import ready
    from blueprint.deploy.record import demand_deployed
    from blueprint.errors import InputError
    from blueprint.serve import platform_process
    from blueprint.serve.runner_address import runner_address
    from blueprint.state import StateFolder

    address = None if runner is None else runner_address(runner, runner_name or ())
    if datasets is not None and (address is None or state is not None):
        raise InputError(
            "--datasets: is for --runner and challenge.yaml, where evaluation hosts have data",
            hint="leave --datasets or --state away; `diychallenge datasets take` hands over later",
        )
    if state is None:
        with progress(*_OPENING) as opened:
            folder = ready(
                definition(file), report=output.say, progress=opened,
                is_for_hosts=address is not None, datasets=datasets,
            )  # fmt: skip
    else:
        folder = StateFolder(state.resolve())
        demand_deployed(folder)
    platform_process.serve(folder, runner=address)


def down(file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Stop the platform; all that it holds stays.

    `diychallenge deploy` starts it again.
    """
    ending = target_here(file).down()
    if as_json:
        output.document({"outcome": ending, "state": state_here(file).root})
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
    target = target_here(file)
    held = target.holdings()
    if not yes:
        confirm(
            f"This removes {held.place} with {held.words}. There is no way back.",
            word=held.challenge,
            otherwise="not removed",
        )
    done = target.destroy()
    if as_json:
        output.document(done)
        return
    for path in done.removed:
        output.say(f"removed {path}")
    for path in done.emptied:
        output.say(f"left {path}: it is a mount point, and is empty now")
    for path in done.left:
        output.say(f"left {path}: no deploy made it")
    if done.server is not None:
        output.say(f"left {done.server}: people and submissions are still in its tables; drop it")


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
