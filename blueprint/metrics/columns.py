"""Names the score columns that a task's metrics make (no numpy: the platform reads this too)."""

from collections.abc import Iterable, Sequence

from blueprint.config.model.task import Metric


def column_names(metrics: Sequence[Metric], labels: Iterable[int]) -> list[str]:
    """Return the columns in order: `dice`, or `dice:1`, `dice:2` where labels are separate."""
    known = sorted(labels)
    return [column for metric in metrics for column in _columns(metric, known)]


def _columns(metric: Metric, labels: list[int]) -> list[str]:
    if metric.labels == "mean":
        return [metric.id]
    return [f"{metric.id}:{label}" for label in labels]
