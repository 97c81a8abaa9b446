"""Judges a result that a worker hands in: it holds what the task measures, and nothing else."""

import math
import re
from collections.abc import Collection

from blueprint.desk.ticket import TaskTerms
from blueprint.errors import BlueprintError
from blueprint.ledger.outcomes import Result
from blueprint.metrics.measures import columns_of

_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FLAGS = frozenset({"ok", "both-empty", "one-empty", "missing"})
_MEAN_TOLERANCE = 1e-9


class ResultError(BlueprintError):
    """A result is not one of this task."""


def check_result(result: Result, task: TaskTerms, *, cases: Collection[str] | None) -> None:
    """Accept a result that has every column of the task for each of its cases, once, and no other.

    Args:
        result: What was handed in.
        task: What was to be measured.
        cases: On which cases; None where nobody has frozen them.

    Raises:
        ResultError: It has not; nothing of it may be written down.
    """
    columns = columns_of(task.measures)
    found: dict[tuple[str, str], dict[str, float]] = {column: {} for column in columns}
    for row in result.scores:
        column = (row.metric, row.region)
        if column not in found:
            raise ResultError("a score is of no metric and region of this task")
        if not _CASE.fullmatch(row.case_id) or row.flag not in _FLAGS:
            raise ResultError("a score has no name of a case, or an unknown flag")
        if row.case_id in found[column]:
            raise ResultError(f"case {row.case_id} has two scores of the same kind")
        found[column][row.case_id] = row.value
    scored = {frozenset(values) for values in found.values()}
    if len(scored) != 1 or scored == {frozenset()}:
        raise ResultError("not every case has every score")
    if cases is not None and scored != {frozenset(cases)}:
        raise ResultError("the scores are not on the cases that are in force")
    _check_predictions(result, next(iter(scored)))
    _check_numbers(result, found)


def _check_numbers(result: Result, found: dict[tuple[str, str], dict[str, float]]) -> None:
    numbers = [value for values in found.values() for value in values.values()]
    numbers += [mean.value for mean in result.means]
    if not all(map(math.isfinite, [*numbers, result.run_s, result.score_s])):
        raise ResultError("a number is not finite")
    if min(result.run_s, result.score_s) < 0:
        raise ResultError("a time is below zero")
    means = {(mean.metric, mean.region): mean.value for mean in result.means}
    if len(means) != len(result.means) or means.keys() != found.keys():
        raise ResultError("not every column has a mean")
    for column, values in found.items():
        expected = sum(values.values()) / len(values)
        if not math.isclose(means[column], expected, rel_tol=_MEAN_TOLERANCE, abs_tol=1e-12):
            raise ResultError("a mean is not that of its scores")


def _check_predictions(result: Result, cases: Collection[str]) -> None:
    kept = result.predictions or {}
    if not set(kept) <= set(cases) or not all(map(_SHA256.fullmatch, kept.values())):
        raise ResultError("a kept prediction is of no case, or has no checksum")
