"""`diychallenge plan` and `render`: what a deploy would do, and the files of servers."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.examples import examples
from cli.options import HERE, AsJson, GivenFile, ProjectFile, chosen
from cli.progress import progress
from cli.project import target_here

CHANGES = 3
"""The exit code of `plan` where something would change."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        epilog=examples("diychallenge plan", "diychallenge plan --json",
                        "diychallenge plan --against ../deployed-bundle")
    )(plan)  # fmt: skip
    app.command(epilog=examples("diychallenge render --to bundle"))(render)


def plan(
    given: GivenFile = None,
    *,
    file: ProjectFile = HERE,
    against: Annotated[
        Path | None,
        typer.Option(help="Compare with this bundle or plan.json, not with what is deployed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what `deploy` would change, and change nothing.

    Embedded: the file, the data, this machine and the pages are looked at as `deploy` does it.
    Servers: all hosts, services, containers, ports, volumes, accounts, names and firewall
    openings, then the difference (+ ~ -) with what restarts and what would destroy data.
    The exit code is 0 where nothing would change, and 3 where something would.
    """
    target = target_here(chosen(given, file))
    with progress("opening the data", "files") as opened:
        preview = target.preview(against=against, progress=opened)
    if as_json:
        output.document(preview.document)
    else:
        for line in preview.lines:
            output.say(line)
    if preview.has_changes:
        raise typer.Exit(CHANGES)


def render(
    given: GivenFile = None,
    *,
    to: Annotated[Path, typer.Option(help="The folder to write: a new one, or a bundle.")],
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Write everything that the servers get into a folder, without a secret.

    `ansible-playbook site.yml` works inside it without diychallenge. The same challenge.yaml gives
    the same bytes. A folder that is no bundle is never written over.
    """
    from blueprint.deploy.server_plan import bundle_of, wanted_lines
    from blueprint.render.write import write_bundle

    bundle = bundle_of(chosen(given, file))
    write_bundle(bundle.files, to)
    if as_json:
        output.document({"folder": to, "files": list(bundle.files)})
        return
    output.say(f"wrote {len(bundle.files)} files to {to}")
    for line in wanted_lines(bundle):
        output.say(f"note: {line}")
