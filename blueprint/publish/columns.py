"""The score columns of a task as people read them: title, unit, digits, definition."""

from collections.abc import Iterable
from dataclasses import dataclass

from blueprint.config.model import Metric, Task
from blueprint.ledger.outcomes import Mean
from blueprint.metrics.measures import MEAN, Column
from blueprint.metrics.problems import PROBLEMS
from blueprint.metrics.specification import Bounds, Ending, MetricSpec
from blueprint.metrics.specs import spec_of


@dataclass(frozen=True)
class ScoreColumn:
    """One column of scores: a metric, or a metric on one region."""

    of: Column
    """What the rows of the scores table say that belong here."""
    title: str
    unit: str | None
    decimals: int
    higher_is_better: bool
    bounds: Bounds

    def text(self, value: float) -> str:
        """Return a value with this column's digits, without its unit."""
        return f"{value:.{self.decimals}f}"

    @property
    def name(self) -> str:
        """The title with its unit, `HD95 (mm)`."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def slug(self) -> str:
        """A name within a page: `dice`, or `dice-1` on one region."""
        return "-".join(_parts(self.of))

    @property
    def csv_name(self) -> str:
        """A head of leaderboard.csv: `dice`, `hd95_mm`, or `hd95_mm_1` on one region."""
        metric, *region = _parts(self.of)
        return "_".join((metric, *([self.unit] if self.unit else []), *region))


def columns_of(task: Task) -> tuple[ScoreColumn, ...]:
    """Return the task's score columns in the order of its metrics and regions."""
    return tuple(_column(column, task) for measure in task.measures for column in measure.columns)


def column_texts(task: Task, means: Iterable[Mean]) -> list[tuple[str, str]]:
    """Return means with their columns' names; a column that the task no longer has, plainly."""
    known = {column.of: column for column in columns_of(task)}
    told = []
    for mean in means:
        column = Column(mean.metric, mean.region)
        title, digits = column.words, f"{mean.value:.4f}"
        if column in known:
            title, digits = known[column].name, known[column].text(mean.value)
        told.append((title, digits))
    return told


def metric_title(metric: Metric) -> str:
    """Return the name of a metric as people read it."""
    return metric.spec.title


def definition(metric: Metric, task: Task) -> str:
    """Return what a metric measures and what it gives for empty regions, in words."""
    spec = metric.spec
    word, listed = _regions(task)
    per_region = f"each {word} ({listed}) is a column of its own"
    if metric.labels == "mean":
        per_region = f"a case's value is the mean over its {word}s ({listed})"
    better = "Higher" if spec.higher_is_better else "Lower"
    sentences = [
        spec.defined(metric.parameters), f"{better} is better; {per_region}.",
        *_on_empty(metric, task),
    ]  # fmt: skip
    return " ".join(sentences)


def missing_words(task: Task) -> str:
    """Return how a case without an output is scored."""
    worst = (f"{one.spec.title} {_ending('worst', one, task, with_unit=True)}"
             for one in task.metrics)  # fmt: skip
    values = " and ".join(dict.fromkeys(worst))
    return (
        "A case for which a submission wrote no output is never left out: it counts with the "
        f"worst value ({values})."
    )


def _regions(task: Task) -> tuple[str, str]:
    """Return what a region of this task is called, and all of them with what they are made of."""
    if not task.regions:
        return "label", ", ".join(task.region_title(region.name) for region in task.judged)
    parts = (
        f"{task.region_title(region.name)}: "
        + " and ".join(task.labels[label] for label in region.labels)
        for region in task.judged
    )
    return "region", "; ".join(parts)


def _column(column: Column, task: Task) -> ScoreColumn:
    spec = spec_of(column.metric)
    title = spec.title
    if column.region != MEAN:
        title = f"{title}, {task.region_title(column.region)}"
    return ScoreColumn(column, title, spec.unit, spec.decimals, spec.higher_is_better, spec.bounds)


def _on_empty(metric: Metric, task: Task) -> list[str]:
    """Return a sentence for each way in which a region may be empty."""
    words, policy = PROBLEMS[task.problem], metric.spec.on_empty
    told = {words.both_empty: policy.both}
    if policy.reference == policy.prediction:
        told[words.one_empty] = policy.reference
    else:
        told |= {words.reference_empty: policy.reference, words.prediction_empty: policy.prediction}
    return [f"{when}: {_ending(ending, metric, task)}." for when, ending in told.items()]


def _ending(ending: Ending, metric: Metric, task: Task, *, with_unit: bool = False) -> str:
    """Return the best or worst value of a metric, as a number or in words."""
    spec: MetricSpec = metric.spec
    unit = f" {spec.unit}" if spec.unit else ""
    if ending == "best":
        return f"{spec.best:g}{unit}"
    if isinstance(spec.worst, float):
        return f"{spec.worst:g}{unit}"
    words = PROBLEMS[task.problem].worst[metric.worst_name or spec.worst.choices[0]]
    return f"{words} in{unit}" if unit and with_unit else words


def _parts(column: Column) -> tuple[str, ...]:
    return (column.metric,) if column.region == MEAN else tuple(column)
