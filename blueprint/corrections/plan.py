"""What a correction comes to: which submissions are scored again, which must run again, and why."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Label, delete, exists, insert, select

from blueprint.config.case_layout import file_name
from blueprint.config.model import Task
from blueprint.corrections.survey import Holdings, places_of, settings_changed
from blueprint.database.schema import attempts, evaluations, scores, submissions, teams
from blueprint.errors import BlueprintError, InputError
from blueprint.evaluate.again import LOST
from blueprint.evaluations.datasets import Dataset, FileChange, differences
from blueprint.evaluations.sets import (
    SETS,
    EvaluationSet,
    Terms,
    abandon,
    add_pending,
    change_rules,
    dataset_of,
    is_under,
    keep_terms,
    pending_sets,
    sets_in_force,
    terms_of,
)
from blueprint.platform import Platform

Need = Literal["done", "rescore", "rejudge"]


@dataclass(frozen=True)
class Selection:
    """Which submissions a command is about; None does not restrict."""

    phase: str | None = None
    task: str | None = None
    submission: int | None = None


@dataclass(frozen=True)
class Piece:
    """One submission of a correction."""

    submission: int
    team: str
    phase: str
    need: Need
    """What is left to do for it."""
    why: str
    """Why it must run again; empty where it need not."""
    state: str
    """Of the evaluation that is to take the place of the one in force: `-` before it is queued."""
    message: str
    """Why it failed; empty where it did not."""
    kept: str
    """The folder of its kept predictions."""
    predictions: Mapping[str, str]
    """Case to the SHA-256 of its kept prediction, empty where that was not written down."""


@dataclass(frozen=True)
class Correction:
    """What a split asks for now, against what is in force."""

    in_force: EvaluationSet
    pending: EvaluationSet | None
    wanted: Terms
    dataset: Dataset
    changes: tuple[FileChange, ...]
    settings: tuple[str, ...]
    pieces: tuple[Piece, ...]

    @property
    def place(self) -> str:
        """Task and split as people write them."""
        return f"{self.wanted.task}/{self.wanted.split}"

    @property
    def is_needed(self) -> bool:
        """Whether anything differs from what is in force."""
        return self.wanted != self.in_force.terms


def plan_corrections(platform: Platform, selection: Selection) -> tuple[Correction, ...]:
    """Return what each split that differs from what is in force would need; nothing is changed.

    Raises:
        InputError: The selection names nothing; the files of a split cannot be read; or nothing
            is in force yet.
    """
    challenge = platform.challenge
    _demand_known(platform, selection)
    holdings = Holdings(platform, challenge)
    found = []
    for task, split in places_of(challenge):
        if selection.task not in (None, task.id):
            continue
        if selection.phase is not None:
            phase = challenge.phase(selection.phase)
            if (phase.task, phase.cases) != (task.id, split):
                continue
        dataset, problem = holdings.take(task, split)
        if dataset is None:
            raise InputError(problem, hint="put the file there, then run the command again")
        correction = _plan_one(platform, task, dataset, selection)
        if correction.is_needed:
            found.append(correction)
    return tuple(found)


def begin(platform: Platform, correction: Correction, *, by: str, rejudge: bool) -> int:
    """Make sure that a correction is pending, queue what it can do, and return its number.

    What was queued, or computed, before is left as it is; what failed is tried again.

    Args:
        platform: The deployment.
        correction: As planned just now.
        by: Who asks.
        rejudge: Queue what must run again, too.
    """
    with platform.database.write(SETS) as connection:
        set_id = _ensure_pending(connection, correction, by=by, platform=platform)
        _demand_in_force(connection, correction)
        for piece in correction.pieces:
            if piece.need == "done" or (piece.need == "rejudge" and not rejudge):
                continue
            _queue(connection, correction, piece)
        return set_id


def _plan_one(platform: Platform, task: Task, dataset: Dataset, selection: Selection) -> Correction:
    terms = terms_of(task, dataset.split, dataset.digest)
    with platform.database.read() as connection:
        in_force = sets_in_force(connection).get(terms.place)
        if in_force is None:
            raise InputError(
                f"{task.id}/{dataset.split}: nothing is in force yet",
                hint="run `diychallenge deploy` first",
            )
        before = dataset_of(connection, in_force.terms.dataset_digest)
        changes = differences(before, dataset)
        found = Correction(
            in_force=in_force,
            pending=pending_sets(connection).get(terms.place),
            wanted=terms,
            dataset=dataset,
            changes=changes,
            settings=settings_changed(in_force.terms, terms),
            pieces=(),
        )
        pieces = _pieces(connection, platform, found, task)
    chosen = tuple(
        piece
        for piece in pieces
        if selection.phase in (None, piece.phase)
        and selection.submission in (None, piece.submission)
    )
    return Correction(**{**vars(found), "pieces": chosen})


def _pieces(
    connection: Connection, platform: Platform, correction: Correction, task: Task
) -> list[Piece]:
    """Return every submission whose evaluation by the terms in force counts."""
    done = (evaluations.c.state == "done") & is_under(correction.in_force.terms)
    query = (
        select(submissions.c.id, teams.c.slug, submissions.c.phase, evaluations.c.kept,
               evaluations.c.predictions, evaluations.c.id.label("evaluation"),
               _is_elsewhere())
        .join(submissions, submissions.c.id == evaluations.c.submission_id)
        .join(teams, teams.c.id == submissions.c.team_id)
        .where(done)
        .order_by(submissions.c.id)
    )  # fmt: skip
    new = _under(connection, correction.wanted)
    cases = _scored_cases(connection, correction.in_force.terms)
    runs = _why_runs(correction, task)
    pieces = []
    for row in connection.execute(query).all():
        state, message, code = new.get(row.id, ("-", "", ""))
        scored = cases[row.evaluation]
        known = {
            case: (row.predictions or {}).get(case, "")
            for case, has_prediction in scored.items()
            if has_prediction and case in correction.dataset.cases
        }
        folder = platform.state.predictions / str(row.kept)
        why = runs or _never_scored(scored, correction.dataset)
        if not why and not row.is_elsewhere:
            why = _lost(folder, known, task)
        if state == "failed" and code == LOST and not why:
            why = message
        need: Need = "done" if state == "done" else "rejudge" if why else "rescore"
        pieces.append(
            Piece(row.id, row.slug, row.phase, need, "" if need == "done" else why, state,
                  message, row.kept, known)
        )  # fmt: skip
    return pieces


def _why_runs(correction: Correction, task: Task) -> str:
    """Return why kept predictions cannot answer what is wanted; empty when they can."""
    for change in correction.changes:
        if change.needs_runs:
            what = "was added" if change.case_is_new else "has another input"
            return f"{change.case} {what}"
    settings = correction.in_force.terms.evaluator["settings"]
    if settings["outputs"] != correction.wanted.evaluator["settings"]["outputs"]:
        return f"the output is another one ({task.output})"
    return ""


def _never_scored(scored: Mapping[str, bool], dataset: Dataset) -> str:
    """Return which cases a submission was never asked for; empty when there is none."""
    new = sorted(set(dataset.cases) - set(scored))
    return f"it was never run on {', '.join(new)}" if new else ""


def _is_elsewhere() -> Label[bool]:
    """Tell whether an evaluation host took part: it alone knows what it kept on its disk.

    Its workers are places, `NAME/1`. When something is lost there, it says so as it tries.
    """
    taken = attempts.c.submission_id == evaluations.c.submission_id
    return (
        exists(attempts.c.number)
        .where(taken, attempts.c.worker.contains("/"))
        .label("is_elsewhere")
    )


def _lost(folder: Path, expected: Collection[str], task: Task) -> str:
    """Return which kept predictions are gone; empty when none is."""
    name = file_name(task.output)
    gone = [case for case in sorted(expected) if not (folder / case / name).is_file()]
    return f"its kept predictions of {', '.join(gone)} are lost" if gone else ""


def _scored_cases(connection: Connection, terms: Terms) -> Mapping[int, dict[str, bool]]:
    """Return by evaluation its cases, and whether there was a prediction for each."""
    query = (
        select(scores.c.evaluation_id, scores.c.case_id, scores.c.flag)
        .join(evaluations, evaluations.c.id == scores.c.evaluation_id)
        .where(is_under(terms))
        .distinct()
    )
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    for evaluation, case, flag in connection.execute(query):
        found[evaluation][case] = flag != "missing"
    return found


def _under(connection: Connection, terms: Terms) -> dict[int, tuple[str, str, str]]:
    """Return by submission how its evaluation by these terms stands, with why it failed."""
    query = select(
        evaluations.c.submission_id, evaluations.c.state, evaluations.c.fault_message,
        evaluations.c.fault_code,
    ).where(is_under(terms))  # fmt: skip
    return {row[0]: (row[1], row[2] or "", row[3] or "") for row in connection.execute(query)}


def _ensure_pending(
    connection: Connection, correction: Correction, *, by: str, platform: Platform
) -> int:
    now, wanted = platform.clock(), correction.wanted
    found = pending_sets(connection).get(wanted.place)
    if found is not None and _same_work(found.terms, wanted):
        change_rules(connection, found.id, wanted.rules)
        return found.id
    if found is not None:  # the data or settings were edited again: begin anew with those of now
        abandon(connection, [found], by, now)
    keep_terms(connection, wanted, correction.dataset, now)
    return add_pending(connection, wanted, by=by, now=now)


def _same_work(one: Terms, other: Terms) -> bool:
    return (one.dataset_digest, one.evaluator_digest) == (
        other.dataset_digest,
        other.evaluator_digest,
    )


def _demand_in_force(connection: Connection, correction: Correction) -> None:
    now = sets_in_force(connection).get(correction.wanted.place)
    if now is None or now.id != correction.in_force.id:
        raise BlueprintError(
            f"{correction.place}: another correction was published meanwhile",
            hint="run the command again",
        )


def _queue(connection: Connection, correction: Correction, piece: Piece) -> None:
    """Put one evaluation into the queue, unless it is there or done; a failed one begins anew."""
    wanted = correction.wanted
    mine = is_under(wanted) & (evaluations.c.submission_id == piece.submission)
    found = connection.execute(select(evaluations.c.state, evaluations.c.kind).where(mine)).first()
    if found is not None:
        wait = found.state == "waiting" and found.kind != piece.need
        if found.state != "failed" and not wait:
            return
        connection.execute(delete(evaluations).where(mine))
    connection.execute(
        insert(evaluations).values(
            submission_id=piece.submission, dataset_digest=wanted.dataset_digest,
            evaluator_digest=wanted.evaluator_digest, kind=piece.need, state="waiting",
            kept=piece.kept, predictions=dict(piece.predictions),
        )
    )  # fmt: skip


def _demand_known(platform: Platform, selection: Selection) -> None:
    challenge = platform.challenge
    for name, given, known in (
        ("--task", selection.task, [task.id for task in challenge.tasks]),
        ("--phase", selection.phase, [phase.id for phase in challenge.phases]),
    ):
        if given is not None and given not in known:
            raise InputError(
                f"{name}: there is no {given!r}", hint=f"one of {', '.join(sorted(known))}"
            )
