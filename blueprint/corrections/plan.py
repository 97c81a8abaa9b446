"""What a correction comes to: which submissions are scored again, which must run again, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from blueprint.config.model import Task
from blueprint.corrections.holdings import Holdings
from blueprint.corrections.needs import Asked, Piece, pieces_of
from blueprint.corrections.survey import places_of, settings_changed
from blueprint.database.schema import evaluations
from blueprint.errors import BlueprintError, InputError
from blueprint.evaluations.datasets import Dataset, FileChange, differences
from blueprint.evaluations.sets import (
    SETS,
    EvaluationSet,
    abandon,
    add_pending,
    change_rules,
    dataset_of,
    is_under,
    keep_terms,
    pending_sets,
    sets_in_force,
)
from blueprint.evaluations.terms import Terms, terms_of
from blueprint.platform import Platform
from blueprint.serve.evaluators import Evaluator, evaluators_of


@dataclass(frozen=True)
class Selection:
    """Which submissions a command is about; None does not restrict."""

    phase: str | None = None
    task: str | None = None
    submission: int | None = None


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
    evaluators = evaluators_of(platform, platform.clock())
    found = []
    for task, split in places_of(challenge):
        if selection.task not in (None, task.id):
            continue
        if selection.phase is not None:
            phase = challenge.phase(selection.phase)
            if (phase.task, phase.cases) != (task.id, split):
                continue
        known = holdings.take(task, split)
        if known.dataset is None:
            raise InputError(known.problem, hint="put the file there, then run the command again")
        correction = _plan_one(platform, task, known.dataset, selection, evaluators)
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
        rejudge: Queue what must run again, too, and run again what lies on hosts that are gone.
    """
    with platform.database.write(SETS) as connection:
        set_id = _ensure_pending(connection, correction, by=by, platform=platform)
        _demand_in_force(connection, correction)
        for piece in correction.pieces:
            if piece.need == "done" or (piece.need == "rejudge" and not rejudge):
                continue
            _queue(connection, correction, piece, rejudge=rejudge)
        return set_id


def _plan_one(
    platform: Platform,
    task: Task,
    dataset: Dataset,
    selection: Selection,
    evaluators: Mapping[str, Evaluator],
) -> Correction:
    terms = terms_of(task, dataset.split, dataset.digest, platform.challenge.phases)
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
            wanted=terms.after(in_force.terms),
            dataset=dataset,
            changes=changes,
            settings=settings_changed(in_force.terms, terms),
            pieces=(),
        )
        asked = Asked(task, in_force.terms, terms, dataset, changes)
        pieces = pieces_of(connection, platform, asked, evaluators)
    chosen = tuple(
        piece
        for piece in pieces
        if selection.phase in (None, piece.phase)
        and selection.submission in (None, piece.submission)
    )
    return Correction(**{**vars(found), "pieces": chosen})


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


def _queue(connection: Connection, correction: Correction, piece: Piece, *, rejudge: bool) -> None:
    """Put one evaluation into the queue, unless it is there or done; a failed one begins anew."""
    wanted = correction.wanted
    kind = "rejudge" if piece.need == "rejudge" or (rejudge and piece.away) else "rescore"
    mine = is_under(wanted) & (evaluations.c.submission_id == piece.submission)
    found = connection.execute(select(evaluations.c.state, evaluations.c.kind).where(mine)).first()
    if found is not None and found.state != "failed":
        is_begun = found.state == "done" or (found.state == "running" and not piece.away)
        is_more = piece.away and not rejudge  # somebody asked for another run, on another host
        if found.kind == kind or is_begun or is_more:
            return
    connection.execute(delete(evaluations).where(mine))
    connection.execute(
        insert(evaluations).values(
            submission_id=piece.submission, dataset_digest=wanted.dataset_digest,
            evaluator_digest=wanted.evaluator_digest, kind=kind, state="waiting",
            kept=piece.kept, predictions=dict(piece.predictions),
            host=piece.host if kind == "rescore" else None,
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
