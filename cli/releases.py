"""`diychallenge releases`: the data that is given out."""

from typing import Annotated

import typer

from cli import output
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile
from cli.project import open_here


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(name="releases", help="See and verify the data that is given out.",
                      no_args_is_help=True)  # fmt: skip
    app.command("list", epilog=examples("diychallenge releases list"))(list_releases)
    app.command(epilog=examples("diychallenge releases verify training"))(verify)
    return app


def list_releases(file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """List releases, their dates and downloads."""
    from blueprint.data.access_log import list_accesses

    platform = open_here(file)
    now = platform.clock()
    rows = []
    for release in platform.challenge.data.releases:
        log = list_accesses(platform.database, release=release.id, limit=1_000_000)
        rows.append({
            "id": release.id, "title": release.title, "version": release.version,
            "license": release.license, "opens": release.opens,
            "status": "open" if release.opens <= now else "upcoming",
            "people": len({one.username for one in log}),
            "complete_downloads": sum(one.complete for one in log),
            "sent_bytes": sum(one.sent_bytes for one in log),
        })  # fmt: skip
    if as_json:
        output.document({"releases": rows})
        return
    output.table(
        ("release", "title", "version", "licence", "now", "opens", "people", "files sent", "bytes"),
        [(row["id"], row["title"], row["version"], row["license"], row["status"], row["opens"],
          row["people"], row["complete_downloads"], row["sent_bytes"]) for row in rows],
        empty="challenge.yaml has no releases",
    )  # fmt: skip


def verify(
    releases: Annotated[
        list[str] | None,
        typer.Argument(metavar="RELEASE", help="Ids of releases; all without any."),
    ] = None,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Compare every byte of a release with its signed manifest."""
    from blueprint.data.manifests import verify_release
    from blueprint.data.releases import find_release

    platform = open_here(file)
    known = platform.challenge.data.releases
    chosen = [find_release(platform.challenge, name) for name in releases or []] or known
    found = [verify_release(platform, release) for release in chosen]
    if as_json:
        output.document({"releases": found})
    else:
        for one in found:
            said = "differs" if one.problems else "as signed"
            output.say(f"{one.release} {one.version}: {one.files} files, {one.size_bytes} bytes:"
                       f" {said}")  # fmt: skip
            for problem in one.problems:
                output.say(f"  {problem}")
    if any(one.problems for one in found):
        raise typer.Exit(1)
