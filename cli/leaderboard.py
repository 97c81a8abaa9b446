"""`diychallenge leaderboard`: the ranking as the world sees it."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output
from cli.asking import confirm
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile, Yes
from cli.project import actor, open_here

if TYPE_CHECKING:
    from blueprint.platform import Platform

Only = Annotated[str | None, typer.Option("--phase", help="This phase alone.")]


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(name="leaderboard", help="See and publish the ranking.",
                      no_args_is_help=True)  # fmt: skip
    app.command(epilog=examples("diychallenge leaderboard show"))(show)
    app.command(epilog=examples("diychallenge leaderboard preview --phase final"))(preview)
    app.command(
        epilog=examples(
            "diychallenge leaderboard publish", "diychallenge leaderboard publish --phase final"
        )
    )(publish)
    return app


def show(file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Show the leaderboard that is published now."""
    from blueprint.errors import InputError, NotFoundError
    from blueprint.publish.board import FORMAT

    published = open_here(file).state.site / "leaderboard.json"
    try:
        board: dict[str, Any] = json.loads(published.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFoundError(
            "no leaderboard is published yet", hint="`diychallenge leaderboard publish` makes one"
        ) from None
    if board.get("leaderboard") != FORMAT:
        raise InputError(
            f"{published}: was made by another version of diychallenge",
            hint="`diychallenge leaderboard publish` makes it again",
        )
    if as_json:
        output.document(board)
        return
    print_boards(board)


def preview(phase: Only = None, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Show the ranking as it stands now, hidden phases with it.

    For organizers: nothing of it is published.
    """
    from blueprint.publish.preview import preview_document

    platform = open_here(file)
    _demand_phase(platform, phase)
    board = preview_document(platform.state)
    if phase is not None:
        board["boards"] = [one for one in board["boards"] if one["phase"] == phase]
    if as_json:
        output.document(board)
        return
    output.say("A preview for organizers: hidden phases are in it, and nothing is published.")
    print_boards(board)


def publish(
    phase: Only = None, file: ProjectFile = HERE, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Make the site from the database now and switch it in.

    A phase whose board is hidden is named with --phase; then it is shown to everybody from now
    on. It asks first, and the record says who did it and when.
    """
    from blueprint.deploy.publishing import publish_now
    from blueprint.deploy.reach import wake
    from blueprint.publish.visibility import read_visibilities

    platform = open_here(file)
    if phase is not None:
        _show_to_all(platform, phase, yes=yes)
    folder = publish_now(platform, platform.clock())
    wake(platform.state)
    boards = {
        name: {"shown": one.is_shown, "why": one.words}
        for name, one in read_visibilities(platform, platform.clock()).items()
    }
    if as_json:
        output.document({"site": folder, "boards": boards})
        return
    output.say(f"published: {platform.addresses.site}/leaderboard.html")
    for name, board in boards.items():
        if not board["shown"]:
            output.say(f"kept back: {name} ({board['why']}); --phase {name} publishes it")


def _show_to_all(platform: "Platform", phase: str, *, yes: bool) -> None:
    from blueprint.publish.visibility import demand_hidden, publish_phase

    now = platform.clock()
    hidden = demand_hidden(platform, phase, now)
    if not yes:
        confirm(
            f"This shows the results of {phase} ({hidden.words}) to everybody, for good.",
            word=phase,
            otherwise="not published",
        )
    publish_phase(platform.database, platform.challenge, phase, by=actor(), now=now)


def _demand_phase(platform: "Platform", phase: str | None) -> None:
    from blueprint.errors import NotFoundError

    known = [one.id for one in platform.challenge.phases]
    if phase is not None and phase not in known:
        raise NotFoundError(
            f"there is no phase {phase!r}", hint=f"the phases are {', '.join(known)}"
        )


def print_boards(document: dict[str, Any]) -> None:
    """Print leaderboard.json as a table a phase, with what it says in words."""
    for number, board in enumerate(document["boards"]):
        if number:
            output.say()
        output.say(f"{board['phase']} ({board['status']}, {board['cases']} cases)")
        columns = board["columns"]
        if board["rows"]:
            output.table(
                ("rank", "95 % set", "team", *(column["title"] for column in columns),
                 "submission"),
                [_row(row, columns) for row in board["rows"]],
                empty="",
            )  # fmt: skip
        for statement in board["statements"]:
            output.say(statement)


def _row(row: dict[str, Any], columns: list[dict[str, Any]]) -> list[object]:
    low_high = row["rank_set"]
    means = (
        f"{score['mean']:.{column['decimals']}f}" + (f" {column['unit']}" if column["unit"] else "")
        for column, score in zip(columns, row["scores"], strict=True)
    )
    return [
        None if row["rank"] is None else f"{row['rank']:g}",
        f"{low_high[0]} to {low_high[1]}" if low_high else None,
        row["team_name"] + ("" if row["standing"] == "competing" else f" ({row['standing']})"),
        *means,
        row["submission"],
    ]
