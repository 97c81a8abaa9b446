"""Last stage: scores the kept predictions and writes the result down, once."""

import hashlib
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from blueprint.clock import monotonic_s
from blueprint.contracts.case import Case
from blueprint.errors import ToolError
from blueprint.evaluate.attempt import (
    Attempt,
    patience_s,
    prediction_path,
    unusable_in_words,
)
from blueprint.evaluate.prepare import kept_folder
from blueprint.evaluate.protocol import CaseFiles, Row, Score
from blueprint.evaluate.store import CasesError
from blueprint.ledger.outcomes import Mean, Result, ScoreRow
from blueprint.metrics.measures import Column, columns_of


def score_and_record(attempt: Attempt, *, run_s: float) -> None:
    """Bring the submission from `predicted` to `scored`."""
    attempt.advance("scoring", f"{len(attempt.cases)} cases")
    result = score(attempt, _keep_for_good(attempt), run_s=run_s)
    attempt.workshop.desk.record(attempt.ticket.hold, result, log=attempt.log.text)


def score(
    attempt: Attempt, folder: Path, *, run_s: float, among: Collection[str] | None = None
) -> Result:
    """Return the scores of the predictions in a folder, against the ticket's own cases.

    Args:
        attempt: Whose.
        folder: Where they lie.
        run_s: How long it took to make them.
        among: Cases whose prediction may be there; None: any.

    Raises:
        CasesError: A file of the organizers cannot be used.
        DataDiffersError: One was touched meanwhile.
    """
    task, started_s = attempt.ticket.task, monotonic_s()
    question = Score(
        problem=task.problem,
        cases=tuple(_files(case, attempt, folder, among) for case in attempt.cases),
        measures=task.measures,
        ignore=task.ignore,
    )
    found = attempt.scoring.score(
        question,
        timeout_s=patience_s(len(attempt.cases), labels=len(task.labels)),
        keep_going=attempt.watch.keep_going,
    )
    score_s = monotonic_s() - started_s
    attempt.demand_same_data()
    if found.unusable:
        raise CasesError(unusable_in_words(found.unusable))
    columns = columns_of(question.measures)
    _check_complete(found.rows, attempt.cases, columns)
    return Result(
        run_s=run_s,
        score_s=score_s,
        scores=[
            ScoreRow(row.case_id, row.metric, row.region, row.value, row.flag) for row in found.rows
        ],
        means=[Mean(*column, _mean(found.rows, column)) for column in columns],
        dataset_digest=attempt.ticket.dataset_digest,
        evaluator_digest=attempt.ticket.evaluator_digest,
        predictions={
            files.id: sha256_of(Path(files.prediction))
            for files in question.cases
            if files.prediction
        },
    )


def sha256_of(prediction: Path) -> str:
    """Return the checksum of a kept prediction.

    Raises:
        OSError: It cannot be read.
    """
    with prediction.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep_for_good(attempt: Attempt) -> Path:
    """Move the validated copies to the predictions folder; those of an earlier attempt go."""
    name = attempt.ticket.kept or str(attempt.ticket.submission_id)
    target = attempt.workshop.store.predictions / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    kept_folder(attempt).rename(target)
    return target


def _files(case: Case, attempt: Attempt, folder: Path, among: Collection[str] | None) -> CaseFiles:
    prediction = folder / prediction_path(case, attempt.ticket)
    is_there = (among is None or case.id in among) and prediction.is_file()
    found = str(prediction) if is_there else ""
    return CaseFiles(case.id, str(case.image), found, str(case.reference))


def _check_complete(rows: Iterable[Row], cases: Iterable[Case], columns: Iterable[Column]) -> None:
    expected = sorted((case.id, *column) for case in cases for column in columns)
    if sorted((row.case_id, row.metric, row.region) for row in rows) != expected:
        raise ToolError("the scoring process left out a case or a column")


def _mean(rows: Iterable[Row], column: Column) -> float:
    values = [row.value for row in rows if (row.metric, row.region) == column]
    return sum(values) / len(values)
