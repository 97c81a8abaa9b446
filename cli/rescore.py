"""`diychallenge rescore` and `rejudge`: make evaluations anew after a correction."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.correction_plan import correction_document, coverage_document, print_plan
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile
from cli.progress import progress
from cli.project import actor, open_here

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blueprint.corrections.plan import Correction, Selection
    from blueprint.platform import Platform

_POLL_S = 0.3
_SAY_EVERY_S = 5.0

Phase = Annotated[str | None, typer.Option(help="Only submissions of this phase.")]
TaskId = Annotated[str | None, typer.Option("--task", help="Only this task.")]
Submission = Annotated[
    int | None, typer.Option("--submission", help="Only the submission of this number.", min=1)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Background = Annotated[
    bool, typer.Option("--background", help="Queue the work and return; the platform does it.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        rich_help_panel="The organizer's",
        epilog=examples("diychallenge rescore --dry-run", "diychallenge rescore"),
    )(rescore)
    app.command(
        rich_help_panel="The organizer's",
        epilog=examples("diychallenge rejudge --dry-run", "diychallenge rejudge --submission 12"),
    )(rejudge)


def rescore(
    *,
    phase: Phase = None,
    task: TaskId = None,
    submission: Submission = None,
    dry_run: DryRun = False,
    background: Background = False,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Score kept predictions again, after a reference or a setting was corrected.

    Nobody's code runs. The leaderboard stays as it is until `diychallenge corrections publish`.
    An interrupted rescore goes on where it stopped when the command is given again.
    """
    options = _Options(dry_run, background, as_json, rejudge_too=False)
    _again(file, _selection(phase, task, submission), options)


def rejudge(
    *,
    phase: Phase = None,
    task: TaskId = None,
    submission: Submission = None,
    dry_run: DryRun = False,
    background: Background = False,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Run submissions again where kept predictions are not enough, and score them.

    That is so where an input changed, a case was added, or kept predictions are lost. New
    submissions are evaluated first. The leaderboard stays as it is until `diychallenge
    corrections publish`.
    """
    options = _Options(dry_run, background, as_json, rejudge_too=True)
    _again(file, _selection(phase, task, submission), options)


@dataclass(frozen=True)
class _Options:
    """How a command was given."""

    dry_run: bool
    background: bool
    as_json: bool
    rejudge_too: bool


def _selection(phase: str | None, task: str | None, submission: int | None) -> "Selection":
    from blueprint.corrections.plan import Selection

    return Selection(phase, task, submission)


def _again(file: Path, selection: "Selection", options: _Options) -> None:
    from blueprint.corrections.plan import begin, plan_corrections
    from blueprint.deploy.reach import wake
    from blueprint.errors import BlueprintError

    platform = open_here(file)
    found = plan_corrections(platform, selection)
    if options.dry_run or not found:
        print_plan(platform, found, as_json=options.as_json)
        return
    if not options.as_json:
        print_plan(platform, found, as_json=False)
    _demand_good_cases(platform)
    for one in found:
        begin(platform, one, by=actor(), rejudge=options.rejudge_too)
    wake(platform.state)
    stuck = () if options.background else _watch(platform, found, selection, options)
    _print_end(platform, selection, as_json=options.as_json)
    if stuck:
        raise BlueprintError(
            f"{'; '.join(stuck)}: what is left goes on when that changes",
            hint="`diychallenge rejudge` runs on another host what a host that is gone kept;"
            " `diychallenge status` shows the hosts",
        )


def _demand_good_cases(platform: "Platform") -> None:
    """Refuse before anything is begun what no submission could be scored with."""
    from blueprint.data.check.run import demand_good_cases
    from blueprint.serve.runner_address import noted_runner

    state = platform.state
    with progress("opening the data", "files") as report:
        demand_good_cases(
            state.challenge_file, platform.project, state, progress=report,
            is_for_hosts=noted_runner(state) is not None,
        )  # fmt: skip


def _watch(
    platform: "Platform",
    found: "Sequence[Correction]",
    selection: "Selection",
    options: _Options,
) -> tuple[str, ...]:
    """Show how far the work is until it is done; without a running platform it is done here.

    Returns:
        Why what is left cannot go on now; empty when nothing is left.
    """
    from blueprint.corrections.progress import Progress, progress_of
    from blueprint.corrections.work import work_here
    from blueprint.deploy import running
    from blueprint.ledger.rework import KINDS, Kind
    from blueprint.serve.workshop import embedded_engine

    places = [one.wanted.place for one in found]
    rescore: tuple[Kind, ...] = ("rescore",)
    kinds = tuple(KINDS) if options.rejudge_too else rescore

    def is_up() -> bool:
        return running.is_running(platform.state)

    said: Progress | None = None
    said_at = float("-inf")
    try:
        with (
            output.working("scoring again") as tell,
            work_here(
                platform,
                embedded_engine(platform),
                is_platform_up=is_up,
                rejudges=options.rejudge_too,
            ) as step,
        ):
            while True:
                now = progress_of(platform, places, selection, kinds=kinds, is_platform_up=is_up())
                ended = not now.left or bool(now.stuck)
                is_due = ended or time.monotonic() - said_at >= _SAY_EVERY_S
                if not options.as_json and now != said and is_due:
                    tell(now.words)
                    said, said_at = now, time.monotonic()
                if ended:
                    return now.stuck
                if not step():
                    time.sleep(_POLL_S)
    except KeyboardInterrupt:
        output.say(
            "interrupted: what is scored is kept, the leaderboard is unchanged;"
            " give the command again to go on"
        )
        raise


def _print_end(platform: "Platform", selection: "Selection", *, as_json: bool) -> None:
    from blueprint.corrections.plan import plan_corrections
    from blueprint.corrections.release import pending

    standings = pending(platform)
    left = plan_corrections(platform, selection)
    if as_json:
        output.document({
            "corrections": [correction_document(one) for one in left],
            "under_way": [coverage_document(one) for one in standings],
        })  # fmt: skip
    else:
        for one in left:
            for piece in one.pieces:
                if piece.state == "failed":
                    output.say(f"submission {piece.submission} failed: {piece.message}")
        runs = [piece for one in left for piece in one.pieces if piece.need == "rejudge"]
        if runs:
            output.say(
                f"{len(runs)} submissions must run again, as kept predictions are not enough:"
                " `diychallenge rejudge`"
            )
        if standings and all(one.is_complete for one in standings):
            output.say(
                "all is scored again; the leaderboard is as it was. `diychallenge corrections"
                " show` tells who moves, `diychallenge corrections publish` puts it in force"
            )
    if any(piece.state == "failed" for one in left for piece in one.pieces):
        raise typer.Exit(1)
