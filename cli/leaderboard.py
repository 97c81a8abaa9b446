"""`diychallenge leaderboard`: the ranking as the world sees it."""

import json
from typing import Any

import typer

from cli import output
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile
from cli.project import open_here


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(name="leaderboard", help="See and publish the ranking.",
                      no_args_is_help=True)  # fmt: skip
    app.command(epilog=examples("diychallenge leaderboard show"))(show)
    app.command(epilog=examples("diychallenge leaderboard publish"))(publish)
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


def publish(file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Make the site from the database now and switch it in."""
    from blueprint.deploy.publishing import publish_now
    from blueprint.deploy.reach import wake

    platform = open_here(file)
    folder = publish_now(platform, platform.clock())
    wake(platform.state)
    if as_json:
        output.document({"site": folder})
    else:
        output.say(f"published: {platform.addresses.site}/leaderboard.html")


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
        row["team_name"],
        *means,
        row["submission"],
    ]
