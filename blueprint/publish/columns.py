"""The score columns of a task as people read them: title, unit, digits, definition."""

from dataclasses import dataclass

from blueprint.config.model import Metric, Task

_TITLES = {"dice": "Dice", "hd95": "HD95"}
_UNITS = {"dice": None, "hd95": "mm"}
_DECIMALS = {"dice": 3, "hd95": 2}


@dataclass(frozen=True)
class ScoreColumn:
    """One column of scores: a metric, or a metric on one label."""

    key: str
    """As the scores table has it: `dice`, or `dice:1`."""
    title: str
    unit: str | None
    decimals: int
    higher_is_better: bool

    def text(self, value: float) -> str:
        """Return a value with this column's digits, without its unit."""
        return f"{value:.{self.decimals}f}"

    @property
    def name(self) -> str:
        """The title with its unit, `HD95 (mm)`."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def csv_name(self) -> str:
        """The key with its unit, `hd95_mm` or `hd95_mm:1`."""
        metric, colon, label = self.key.partition(":")
        return f"{metric}_{self.unit}{colon}{label}" if self.unit else self.key


def columns_of(task: Task) -> tuple[ScoreColumn, ...]:
    """Return the task's score columns in the order of its metrics and labels."""
    return tuple(column for metric in task.metrics for column in _columns(metric, task))


def metric_title(metric: Metric) -> str:
    """Return the name of a metric as people read it."""
    return _TITLES[metric.id]


def definition(metric: Metric, task: Task) -> str:
    """Return what a metric measures and what it gives for empty masks, in words."""
    labels = ", ".join(task.labels[label] for label in sorted(task.labels))
    per_label = f"each label ({labels}) is a column of its own"
    if metric.labels == "mean":
        per_label = f"a case's value is the mean over its labels ({labels})"
    if metric.id == "dice":
        return (
            "Overlap of the submitted and the reference mask, 2|A∩B| / (|A| + |B|): 1 is a "
            f"perfect match, 0 is none. Higher is better; {per_label}. Both masks empty: 1. "
            "One mask empty: 0."
        )
    return (
        "95th percentile of the distances, in millimetres at the case's own voxel spacing, from "
        "the border voxels of one mask to the nearest border voxel of the other, and the larger "
        f"of the two directions (definition max-directed). Lower is better; {per_label}. Both "
        "masks empty: 0 mm. One mask empty: the diagonal of the case's volume."
    )


def missing_words(task: Task) -> str:
    """Return how a case without an output is scored."""
    worst = {"dice": "Dice 0", "hd95": "HD95 the diagonal of the case's volume in mm"}
    values = " and ".join(dict.fromkeys(worst[metric.id] for metric in task.metrics))
    return (
        "A case for which a submission wrote no output is never left out: it counts with the "
        f"worst value ({values})."
    )


def _columns(metric: Metric, task: Task) -> list[ScoreColumn]:
    title, unit, decimals = _TITLES[metric.id], _UNITS[metric.id], _DECIMALS[metric.id]
    if metric.labels == "mean":
        return [ScoreColumn(metric.id, title, unit, decimals, metric.higher_is_better)]
    return [
        ScoreColumn(
            f"{metric.id}:{label}", f"{title}, {task.labels[label]}", unit, decimals,
            metric.higher_is_better,
        )
        for label in sorted(task.labels)
    ]  # fmt: skip
