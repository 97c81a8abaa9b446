"""`diychallenge submissions`: what was pushed, and what became of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cli import output
from cli.examples import examples
from cli.options import HERE, AsJson, ProjectFile
from cli.project import actor, open_here

if TYPE_CHECKING:
    from blueprint.ledger.history import Attempt, Event, RecordedResult
    from blueprint.ledger.outcomes import ScoreRow
    from blueprint.ledger.progress import Progress
    from blueprint.ledger.states import State
    from blueprint.ledger.submissions import Submission

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The submission's number.", min=1)]


def make_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(name="submissions", help="See and cancel what teams have submitted.",
                      no_args_is_help=True)  # fmt: skip
    app.command("list", epilog=examples("diychallenge submissions list --team threshold-lab"))(
        list_submissions
    )
    app.command(epilog=examples("diychallenge submissions show 12"))(show)
    app.command(epilog=examples("diychallenge submissions logs 12"))(logs)
    app.command(epilog=examples("diychallenge submissions cancel 12"))(cancel)
    return app


def list_submissions(
    *,
    phase: Annotated[str | None, typer.Option(help="Only of this phase.")] = None,
    team: Annotated[str | None, typer.Option(help="Only of the team with this slug.")] = None,
    state: Annotated[str | None, typer.Option(help="Only in this state, such as failed.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    file: ProjectFile = HERE,
    as_json: AsJson = False,
) -> None:
    """List submissions, the newest first."""
    from blueprint.ledger import submissions

    found = submissions.list_submissions(
        open_here(file).database, phase=phase, team=team, state=_state(state), limit=limit + 1
    )
    found, has_older = found[:limit], len(found) > limit
    if as_json:
        listed = [_public(one) for one in found]
        output.document({"submissions": listed, "has_older": has_older})
        return
    output.table(
        ("number", "phase", "team", "tag", "commit", "kind", "state", "since"),
        [(s.id, s.phase, s.team_slug, s.tag_name, s.commit_sha[:10], s.kind, _verdict(s),
          s.state_since) for s in found],
        empty="no submissions",
    )  # fmt: skip
    if has_older:
        output.say(f"there are older ones: `--limit {10 * limit}` shows more")


def show(number: Number, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Show what happens to a submission and what comes next."""
    from blueprint.ledger import history, submissions
    from blueprint.ledger.progress import progress_of
    from blueprint.publish.visibility import read_visibilities

    platform = open_here(file)
    found = submissions.get(platform.database, number)
    now = platform.clock()
    board = read_visibilities(platform, now).get(found.phase)
    progress = progress_of(
        found, now, ahead=submissions.waiting_before(platform.database, found),
        audience="organizer", is_shown=board is None or board.is_shown,
    )  # fmt: skip
    happened = history.events_of(platform.database, number)
    tries = history.attempts_of(platform.database, number)
    result = history.result_of(platform.database, number)
    if as_json:
        output.document({
            "submission": _public(found), "progress": progress, "events": happened,
            "attempts": tries, "result": result,
            "scores": history.scores_of(platform.database, number),
        })  # fmt: skip
        return
    _print_submission(found, progress, result)
    _print_history(happened, tries)
    _print_scores(history.scores_of(platform.database, number))


def logs(number: Number, file: ProjectFile = HERE) -> None:
    """Print what a submission's program printed.

    What is kept of it is up to the phase: `feedback: {logs: own}` in challenge.yaml.
    """
    from blueprint.ledger import submissions
    from blueprint.ledger.logs import read_log

    platform = open_here(file)
    found = submissions.get(platform.database, number)
    kept = read_log(platform.stores.logs, number)
    if kept is not None:
        output.say(kept.rstrip("\n"))
    else:
        output.say(f"submission {number} ({found.state}) has no log")


def cancel(number: Number, file: ProjectFile = HERE, as_json: AsJson = False) -> None:
    """Stop a submission; the quota that it used stays used."""
    from blueprint.deploy.reach import wake
    from blueprint.ledger.moves import request_cancel

    platform = open_here(file)
    outcome = request_cancel(platform.database, number, actor(), platform.clock())
    wake(platform.state)
    if as_json:
        output.document({"submission": number, "outcome": outcome})
    elif outcome == "cancelled":
        output.say(f"submission {number} is cancelled")
    else:
        output.say(f"submission {number} runs: it is being stopped")


def _print_submission(
    found: "Submission", progress: "Progress", result: "RecordedResult | None"
) -> None:
    from blueprint.metrics.measures import Column

    pairs: dict[str, object] = {
        "submission": found.id,
        "phase": f"{found.phase} (task {found.task})",
        "team": f"{found.team_name} ({found.team_slug}), pushed by {found.username}",
        "commit": f"{found.commit_sha} as {found.tag_name}",
        "received": found.received_at,
        "state": found.state,
        "happening": progress.happening,
        "since": progress.since,
        "next": progress.next,
    }
    if found.fault_class:
        pairs["fault"] = f"{found.fault_class}: {found.fault_code}"
        pairs["message"] = found.fault_message
        pairs["quota"] = "given back" if found.refunded else "used"
    if result is not None:
        pairs["evaluated"] = result.words
        pairs["took"] = f"{result.run_s:.1f} s to run, {result.score_s:.1f} s to score"
        means = ((Column(mean.metric, mean.region), mean.value) for mean in result.means)
        pairs["means"] = ", ".join(f"{column.words} {value:.4g}" for column, value in means)
    output.facts(pairs)


def _print_history(happened: "Sequence[Event]", tries: "Sequence[Attempt]") -> None:
    output.say()
    output.table(
        ("at", "state", "note"), [(one.at, one.to_state, one.note) for one in happened], empty=""
    )
    if len(tries) > 1:
        output.say()
        output.table(
            ("attempt", "started", "ended", "outcome", "message"),
            [(t.number, t.started_at, t.ended_at, t.outcome, t.message) for t in tries],
            empty="",
        )


def _print_scores(rows: "Sequence[ScoreRow]") -> None:
    from blueprint.metrics.measures import Column

    if not rows:
        return
    columns = list(dict.fromkeys(Column(row.metric, row.region) for row in rows))
    cases: dict[str, dict[Column, str]] = {}
    for row in rows:
        shown = f"{row.value:.4g}" + ("" if row.flag == "ok" else f" ({row.flag})")
        cases.setdefault(row.case_id, {})[Column(row.metric, row.region)] = shown
    output.say()
    output.table(
        ("case", *(column.words for column in columns)),
        [(case, *(values.get(column) for column in columns)) for case, values in cases.items()],
        empty="",
    )


def _verdict(found: "Submission") -> str:
    return f"{found.state} ({found.fault_class})" if found.fault_class else found.state


def _public(found: "Submission") -> dict[str, object]:
    """Return what scripts get: everything but how workers fence each other off."""
    import dataclasses

    hidden = {"nonce", "token", "worker", "lease_until", "team_id", "person_id"}
    names = [field.name for field in dataclasses.fields(found) if field.name not in hidden]
    return {name: getattr(found, name) for name in names}


def _state(text: str | None) -> "State | None":
    from blueprint.errors import InputError
    from blueprint.ledger.states import STATES, State

    if text is None:
        return None
    for state in STATES:
        if text == state:
            return state
    raise InputError(f"--state: {text!r} is no state", hint=f"one of {', '.join(get_args(State))}")
