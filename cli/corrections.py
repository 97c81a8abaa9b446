"""`diychallenge corrections`: what a correction changes, and putting it in force."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.asking import confirm
from cli.correction_plan import coverage_document
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile, Yes
from cli.project import actor, open_here

if TYPE_CHECKING:
    from blueprint.corrections.difference import PhaseDifference, TeamDifference
    from blueprint.corrections.release import Coverage

Without = Annotated[
    list[int] | None,
    typer.Option(
        help="Publish though this submission has no new result: it leaves the board, on record.",
        min=1,
    ),
]
_SHOWN_CASES = 20


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(name="corrections", help="Review, publish or abandon corrected results.",
                      no_args_is_help=True)  # fmt: skip
    app.command("list", epilog=examples("diychallenge corrections list"))(list_corrections)
    app.command(epilog=examples("diychallenge corrections show"))(show)
    app.command(
        epilog=examples(
            'diychallenge corrections publish --reason "The references of two cases were swapped."'
        )
    )(publish)
    app.command(epilog=examples("diychallenge corrections abandon --yes"))(abandon)
    return app


def list_corrections(file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """List what was put in force for each task, when, by whom and why."""
    from blueprint.evaluations.sets import list_sets

    platform = open_here(file)
    with platform.database.read() as connection:
        found = list_sets(connection)
    if as_json:
        output.document({"corrections": [
            {"correction": one.id, "task": one.terms.task, "split": one.terms.split,
             "state": one.state, "dataset": one.terms.dataset_digest,
             "evaluator": one.terms.evaluator_digest, "begun_at": one.created_at,
             "by": one.created_by, "put_in_force_at": one.put_in_force_at,
             "ended_at": one.ended_at, "reason": one.reason}
            for one in found
        ]})  # fmt: skip
        return
    output.table(
        ("number", "task", "cases", "state", "in force since", "by", "data", "reason"),
        [(one.id, one.terms.task, one.terms.split, one.state, one.put_in_force_at, one.created_by,
          one.terms.dataset_digest[:10], one.reason or "first") for one in found],
        empty="nothing was put in force yet: `diychallenge deploy` does that",
    )  # fmt: skip


def show(file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Show what the correction under way would change: who moves, by how much, on which cases.

    Nothing is changed by looking.
    """
    from blueprint.corrections.difference import difference_of
    from blueprint.corrections.progress import stranded
    from blueprint.corrections.release import pending
    from blueprint.serve.evaluators import evaluators_of

    platform = open_here(file)
    standings = pending(platform)
    waits_for = stranded(platform, evaluators_of(platform, platform.clock()))
    with platform.database.read() as connection:
        told = [
            (one, difference_of(connection, platform.challenge, one.correction))
            for one in standings
        ]
    if as_json:
        output.document({"under_way": [
            {**coverage_document(one), "phases": difference} for one, difference in told
        ], "waits_for": waits_for})  # fmt: skip
        return
    if not told:
        output.say(
            "no correction is under way: `diychallenge rescore` begins one where the data or"
            " the settings were edited"
        )
    for one, difference in told:
        _print_coverage(one)
        for gone in waits_for:
            output.say(f"{gone}: it does them when it is back; `diychallenge rejudge` runs them"
                       " again on another host")  # fmt: skip
        for phase in difference:
            _print_phase(phase)


def publish(
    reason: Annotated[
        str, typer.Option(help="What was corrected, in a sentence: it stands on the page.")
    ],
    without: Without = None,
    yes: Yes = False,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """Put the correction under way in force, with its reason, in one step.

    The leaderboard changes at once and carries a dated note. Who did it, when and why is kept in
    the audit log. The results of before stay, and come back when the old files do.
    """
    from blueprint.corrections import release
    from blueprint.corrections.difference import difference_of, moved
    from blueprint.deploy.publishing import publish_now
    from blueprint.deploy.reach import wake

    platform = open_here(file)
    if not yes:
        standings = release.pending(platform)
        with platform.database.read() as connection:
            phases = [
                phase
                for one in standings
                for phase in difference_of(connection, platform.challenge, one.correction)
            ]
        for phase in phases:
            if not as_json:
                _print_phase(phase)
        if standings:
            warning = f"{moved(phases)} teams change their rank."
            confirm(warning, word="publish", otherwise="not published")
    done = release.publish(platform, reason=reason, by=actor(), without=without or ())
    publish_now(platform, platform.clock())
    wake(platform.state)
    if as_json:
        output.document({"published": done})
        return
    for one in done:
        output.say(
            f"{one.task}/{one.split}: correction {one.correction} is in force;"
            f" teams whose rank changed: {moved(one.difference)}"
        )


def abandon(yes: Yes = False, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """End the correction under way without publishing it; the leaderboard stays as it is.

    What was computed is kept, and found again if the same files come back.
    """
    from blueprint.corrections.release import give_up

    platform = open_here(file)
    if not yes:
        confirm("This ends the correction under way.", word="abandon", otherwise="not abandoned")
    ended = give_up(platform, by=actor())
    if as_json:
        output.document({"abandoned": ended})
        return
    output.say(f"abandoned: correction {', '.join(map(str, ended))}; the leaderboard is as it was")
    output.say(
        "while the files are not as they were put in force, nothing is evaluated on them: put"
        " them back, or begin again with `diychallenge rescore`"
    )


def _print_coverage(one: "Coverage") -> None:
    done, all_ = one.counts.get("done", 0), sum(one.counts.values())
    task, split = one.correction.place
    output.say(
        f"correction {one.correction.id} of {task}/{split}, begun"
        f" {output.cell(one.correction.created_at)} by {one.correction.created_by}:"
        f" {done} of {all_} evaluations are done"
    )
    for number, text in one.failed.items():
        output.say(f"submission {number} failed: {text}")
    if one.missing:
        output.say(
            f"{len(one.missing)} submissions have no new result yet: what follows is partial"
        )


def _print_phase(phase: "PhaseDifference") -> None:
    output.say()
    output.say(phase.phase)
    changed = [team for team in phase.teams if team.is_changed]
    if not changed:
        output.say("nothing changes")
        return
    names = list(dict.fromkeys(value.name for team in phase.teams for value in team.means))
    output.table(
        ("team", "rank", "submission", *names),
        [
            (
                team.team_name,
                _arrow(team.rank_before, team.rank_after),
                _arrow(team.submission_before, team.submission_after),
                *(_arrow(value.before, value.after) for value in team.means),
            )
            for team in changed
        ],
        empty="",
    )
    for team in changed:
        _print_cases(team)


def _print_cases(team: "TeamDifference") -> None:
    if not team.cases:
        return
    output.say()
    output.say(f"{team.team_name}, submission {team.submission_after}: values that change")
    output.table(
        ("case", "column", "before", "after"),
        [(one.case, one.column, one.before, one.after) for one in team.cases[:_SHOWN_CASES]],
        empty="",
    )
    if len(team.cases) > _SHOWN_CASES:
        output.say(f"and {len(team.cases) - _SHOWN_CASES} more (--json has all)")


def _arrow(before: float | None, after: float | None) -> str:
    if before == after:
        return output.cell(after)
    return f"{output.cell(before)} -> {output.cell(after)}"
