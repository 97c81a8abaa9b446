"""`diychallenge submit`: the participant's way to hand in what is committed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.examples import examples
from cli.options import AsJson

if TYPE_CHECKING:
    from blueprint.adapters.working_clone import Pushed, WorkingClone

_SHOWN = 5


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "git commit --all --message 'Try a lower threshold' && diychallenge submit"
        ),
        rich_help_panel="The participant's",
    )(submit)


def submit(
    name: Annotated[
        str | None, typer.Option(help="The tag becomes submission/NAME; else the next number.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="The clone of your team's repository.")] = Path(),
    remote: Annotated[str, typer.Option(help="Which remote is the challenge.")] = "origin",
    as_json: AsJson = False,
) -> None:
    """Submit the commit that is checked out, by pushing a tag.

    What the platform will judge first is judged here already: submission.yaml, and whether
    everything is committed. The same by hand is:
    git tag submission/1 && git push origin submission/1

    The exit code is 0 when the submission was accepted, with its receipt, and 1 otherwise.
    """
    from blueprint.adapters.working_clone import WorkingClone

    clone = WorkingClone(folder)
    commit = clone.head()
    _demand_committed(clone)
    _demand_manifest(clone)
    tag = f"submission/{name or clone.next_number(remote)}"
    clone.tag(tag)
    pushed = clone.push_tag(tag, remote)
    if not pushed.stored:
        # The name is free again, so that the next try does not skip a number.
        clone.untag(tag)
    if as_json:
        output.document({"accepted": pushed.accepted, "stored": pushed.stored, "tag": tag,
                         "commit": commit, "answer": pushed.answer})  # fmt: skip
    else:
        _print(pushed)
    if not pushed.accepted:
        raise typer.Exit(1)


def _print(pushed: "Pushed") -> None:
    for line in pushed.answer:
        output.say(line)
    # Where the platform refused, its reasons say more than git's own lines.
    if not pushed.stored and not any(line.startswith("refused:") for line in pushed.answer):
        output.say(pushed.complaint)


def _demand_committed(clone: "WorkingClone") -> None:
    from blueprint.errors import InputError

    changed = clone.changed_files()
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        raise InputError(
            f"not committed yet: {', '.join(changed[:_SHOWN])}{more}",
            hint="what is submitted is the commit: git commit --all, then submit again",
        )
    for name in clone.untracked_files()[:_SHOWN]:
        typer.echo(
            output.visible(f"note: {name} is not in git and will not be submitted"), err=True
        )


def _demand_manifest(clone: "WorkingClone") -> None:
    from blueprint.config.faults import ConfigFaults
    from blueprint.intake.submission_yaml import FILE, read_submission

    faults = read_submission(clone.committed(FILE)).faults
    if faults:
        raise ConfigFaults(faults)
