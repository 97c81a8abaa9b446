"""`diychallenge datasets`: what test data hold, for a platform that has no access to them."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile, definition
from cli.progress import progress
from cli.project import open_here


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(
        name="datasets", help="Tell a platform without the test data what they hold.",
        no_args_is_help=True,
    )  # fmt: skip
    app.command(epilog=examples("diychallenge datasets write --to datasets.json"))(write)
    app.command(epilog=examples("diychallenge datasets take datasets.json"))(take)
    return app


def write(
    to: Annotated[Path, typer.Option(help="The file to write.")],
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Write case ids and checksums of all test data, where the data are.

    The data are checked first. The file holds nothing of what is in them; keep it from
    participants, as it names the private cases.
    """
    from blueprint.clock import system_clock
    from blueprint.corrections.holdings import describe
    from blueprint.corrections.survey import places_of
    from blueprint.data.check.run import check_data, check_file
    from blueprint.deploy.locate import state_of
    from blueprint.files import write_whole

    path = definition(file)
    state = state_of(path)
    with progress("opening the data", "files") as report:
        checked = check_data(check_file(path), path.parent, state, progress=report)
    challenge = checked.demand_good()
    places = list(places_of(challenge))
    write_whole(to, describe(challenge, path.parent.resolve(), state, places, system_clock))
    if as_json:
        output.document({"file": to, "datasets": [[task.id, split] for task, split in places]})
        return
    output.say(f"{to}: bring it to the platform: `diychallenge datasets take`, `serve --datasets`")


def take(
    document: Annotated[Path, typer.Argument(help="What `datasets write` wrote.")],
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Believe what the test data are said to hold, from now on.

    Where results hang on other data, these stay in force until a correction is published:
    `diychallenge status` names the files that differ, `diychallenge rescore` begins one.
    """
    from blueprint.corrections.holdings import keep_hand_over
    from blueprint.corrections.survey import survey

    platform = open_here(file)
    keep_hand_over(platform.state, platform.challenge, document)
    found = survey(platform, platform.challenge)
    if as_json:
        output.document({"data": found})
        return
    from cli.data_states import data_lines

    for line in data_lines(found):
        output.say(line)
