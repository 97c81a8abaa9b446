"""Scores one case: every metric of a task, with its policy for empty masks and missing cases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blueprint.config.model.task import Metric
from blueprint.metrics.overlap import dice
from blueprint.metrics.surface import diagonal_mm, hd95_mm

Flag = Literal["ok", "both-empty", "one-empty", "missing"]
_GRAVITY: Mapping[Flag, int] = {"ok": 0, "both-empty": 1, "one-empty": 2, "missing": 3}
Labels = NDArray[np.integer]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Score:
    """One value of one column, and whether a policy made it rather than the formula."""

    value: float
    flag: Flag


def score_case(
    reference: Labels,
    prediction: Labels | None,
    *,
    spacing_mm: Sequence[float],
    labels: Iterable[int],
    metrics: Sequence[Metric],
) -> dict[str, Score]:
    """Return every score column of one case.

    Per label: both masks empty is the best value (Dice 1, HD95 0); one empty, and a case without
    a prediction (None), is the worst (Dice 0, HD95 the diagonal of the volume in mm). The mean
    over labels carries the gravest flag among them.

    Args:
        reference: Label values on the case's grid.
        prediction: Label values, the same shape, or None when the case is missing.
        spacing_mm: Distance of voxel centres along each axis.
        labels: The task's label values, without background.
        metrics: The task's metrics in order.
    """
    per_metric: dict[str, dict[int, Score]] = {metric.id: {} for metric in metrics}
    for label in sorted(labels):
        of_reference = reference == label
        of_prediction = None if prediction is None else prediction == label
        for metric_id, scores in per_metric.items():
            scores[label] = _score(metric_id, of_reference, of_prediction, spacing_mm)
    columns: dict[str, Score] = {}
    for metric in metrics:
        columns |= _columns(metric, per_metric[metric.id])
    return columns


def _score(
    metric_id: str, reference: Mask, prediction: Mask | None, spacing_mm: Sequence[float]
) -> Score:
    worst = 0.0 if metric_id == "dice" else diagonal_mm(reference.shape, spacing_mm)
    if prediction is None:
        return Score(worst, "missing")
    filled = bool(reference.any()) + bool(prediction.any())
    if filled == 0:
        return Score(1.0 if metric_id == "dice" else 0.0, "both-empty")
    if filled == 1:
        return Score(worst, "one-empty")
    if metric_id == "dice":
        return Score(dice(reference, prediction), "ok")
    return Score(hd95_mm(reference, prediction, spacing_mm), "ok")


def _columns(metric: Metric, scores: Mapping[int, Score]) -> dict[str, Score]:
    if metric.labels == "separate":
        return {f"{metric.id}:{label}": score for label, score in scores.items()}
    mean = sum(score.value for score in scores.values()) / len(scores)
    gravest = max((score.flag for score in scores.values()), key=_GRAVITY.__getitem__)
    return {metric.id: Score(mean, gravest)}
