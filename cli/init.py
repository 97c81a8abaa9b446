"""`diychallenge init`: a new challenge that works, to be made one's own."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output
from cli.examples import examples
from cli.options import AsJson, Yes

if TYPE_CHECKING:
    from blueprint.config.scaffold import Answers

_SLUG = re.compile(r"[^a-z0-9]+")
_HTTP, _SFTP = 8080, 2022


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples("diychallenge init my-challenge",
                        'diychallenge init liver --yes --title "Liver tumours" '
                        "--contact liver@example.org --timezone Europe/Berlin")
    )(init)  # fmt: skip


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Made when absent; nothing is overwritten.")
    ],
    *,
    challenge_id: Annotated[
        str | None, typer.Option("--id", help="Names the challenge in receipts and URLs.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="What the pages are headed with.")] = None,
    contact: Annotated[str | None, typer.Option(help="A mail address of the organizers.")] = None,
    organizer: Annotated[str | None, typer.Option(help="The group that runs it.")] = None,
    institution: Annotated[str | None, typer.Option(help="Where the group is.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None,
    http_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Portal, site and git.")
    ] = None,
    sftp_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Data.")] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Write challenge.yaml, pages, data and example submissions.

    What a flag does not say is asked; with --yes, or without a terminal, it is a default. The
    dates lie around today, so that `deploy` works at once.
    """
    from blueprint.clock import system_clock
    from blueprint.scaffold.starter import scaffold_challenge

    given = {
        "id": challenge_id, "title": title, "contact": contact, "organizer": organizer,
        "institution": institution, "timezone": timezone, "http": http_port, "sftp": sftp_port,
    }  # fmt: skip
    answers = _answers(folder, given, asks=not yes and sys.stdin.isatty())
    made = scaffold_challenge(folder, answers, system_clock())
    if as_json:
        output.document({"folder": folder, "made": made})
        return
    for path in made:
        output.say(f"made {folder / path}")
    output.say(f"next: cd {folder} && diychallenge deploy")


def _answers(folder: Path, given: Mapping[str, str | int | None], *, asks: bool) -> "Answers":
    """Return what the flags say, and for the rest what the person or the default says."""
    from blueprint.config.scaffold import Answers

    def said(key: str, question: str, default: Any) -> Any:  # noqa: ANN401  # of one type
        if given[key] is not None:
            return given[key]
        return typer.prompt(question, default=default, type=type(default)) if asks else default

    name = said("id", "Short id", _slug(folder.resolve().name))
    return Answers(
        id=name,
        title=said("title", "Title", name.replace("-", " ").capitalize()),
        contact=said("contact", "Contact address", "challenge@example.org"),
        organizer=said("organizer", "Organizing group", "Imaging Group"),
        institution=said("institution", "Institution", "Example University Hospital"),
        timezone=said("timezone", "Time zone", "UTC"),
        http=said("http", "Port of the portal, site and git", _HTTP),
        sftp=said("sftp", "Port of the data server (SFTP)", _SFTP),
    )


def _slug(name: str) -> str:
    """Return a folder's name as an id."""
    return _SLUG.sub("-", name.lower()).strip("-")[:39].rstrip("-") or "challenge"
