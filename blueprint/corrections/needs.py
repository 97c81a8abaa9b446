"""What a correction needs of each submission: nothing, its kept predictions, or another run."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, select

from blueprint.config.case_layout import file_name
from blueprint.config.model import Task
from blueprint.database.schema import evaluations, scores, submissions, teams
from blueprint.evaluate.again import LOST
from blueprint.evaluations.datasets import Dataset, FileChange
from blueprint.evaluations.sets import is_under
from blueprint.evaluations.terms import Terms
from blueprint.ledger.hosts import EMBEDDED
from blueprint.platform import Platform
from blueprint.serve.evaluators import Evaluator, absence_of

Need = Literal["done", "rescore", "rejudge"]


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
    host: str | None
    """On whose disk that folder lies: an evaluation host, `embedded`; None where nobody knows."""
    away: str
    """Why that host cannot score them now, after its name; empty where it can."""


@dataclass(frozen=True)
class Asked:
    """What a split asks for now, against what is in force."""

    task: Task
    in_force: Terms
    wanted: Terms
    dataset: Dataset
    changes: tuple[FileChange, ...]


def pieces_of(
    connection: Connection,
    platform: Platform,
    asked: Asked,
    evaluators: Mapping[str, Evaluator],
) -> list[Piece]:
    """Return every submission whose evaluation by the terms in force counts."""
    done = (evaluations.c.state == "done") & is_under(asked.in_force)
    query = (
        select(submissions.c.id, teams.c.slug, submissions.c.phase, evaluations.c.kept,
               evaluations.c.predictions, evaluations.c.id.label("evaluation"),
               evaluations.c.host)
        .join(submissions, submissions.c.id == evaluations.c.submission_id)
        .join(teams, teams.c.id == submissions.c.team_id)
        .where(done)
        .order_by(submissions.c.id)
    )  # fmt: skip
    new = _under(connection, asked.wanted)
    cases = _scored_cases(connection, asked.in_force)
    runs = _why_runs(asked)
    pieces = []
    for row in connection.execute(query).all():
        state, message, code = new.get(row.id, ("-", "", ""))
        scored = cases[row.evaluation]
        known = {
            case: (row.predictions or {}).get(case, "")
            for case, has_prediction in scored.items()
            if has_prediction and case in asked.dataset.cases
        }
        folder = platform.state.predictions / str(row.kept)
        why = runs or _never_scored(scored, asked.dataset)
        if not why and row.host == EMBEDDED:  # another one says so as it tries
            why = _lost(folder, known, asked.task)
        if state == "failed" and code == LOST and not why:
            why = message
        need: Need = "done" if state == "done" else "rejudge" if why else "rescore"
        away = absence_of(evaluators, row.host) if need == "rescore" else ""
        pieces.append(
            Piece(row.id, row.slug, row.phase, need, "" if need == "done" else why, state,
                  message, row.kept, known, row.host, away)
        )  # fmt: skip
    return pieces


def _why_runs(asked: Asked) -> str:
    """Return why kept predictions cannot answer what is wanted; empty when they can."""
    for change in asked.changes:
        if change.needs_runs:
            what = "was added" if change.case_is_new else "has another input"
            return f"{change.case} {what}"
    settings = asked.in_force.evaluator["settings"]
    if settings["outputs"] != asked.wanted.evaluator["settings"]["outputs"]:
        return f"the output is another one ({asked.task.output})"
    return ""


def _never_scored(scored: Mapping[str, bool], dataset: Dataset) -> str:
    """Return which cases a submission was never asked for; empty when there is none."""
    new = sorted(set(dataset.cases) - set(scored))
    return f"it was never run on {', '.join(new)}" if new else ""


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
