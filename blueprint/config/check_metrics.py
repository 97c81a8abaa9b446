"""Checks that each metric fits its task and says what libraries disagree on.

What a metric may say at all is in its specification, and checked with the rest of the model.
"""

from collections.abc import Iterator

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model import Metric, Task
from blueprint.metrics.problems import PROBLEMS
from blueprint.metrics.specification import Declared
from blueprint.metrics.specs import specs_for


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of the tasks' metrics."""
    for path, task in draft.tasks:
        seen: set[str] = set()
        for index, metric in enumerate(task.metrics):
            here = (*path, "metrics", index)
            if metric.id in seen:
                yield draft.document.fault(
                    (*here, "id"),
                    f"'{metric.id}' is already a metric of this task",
                    hint="keep one of the two; `labels: separate` makes a column for each label",
                    value=metric.id,
                    rule="unique",
                )
            seen.add(metric.id)
            yield from _fits(draft, here, metric, task)
            yield from _worst(draft, here, metric, task)


def _fits(draft: Draft, path: KeyPath, metric: Metric, task: Task) -> Iterator[Fault]:
    if task.problem not in metric.spec.problems:
        fitting = ", ".join(spec.id for spec in specs_for(task.problem))
        yield draft.document.fault(
            (*path, "id"),
            f"'{metric.id}' does not fit {task.problem}",
            hint=f"metrics for {task.problem} are {fitting}",
            value=metric.id,
            rule=f"one of {fitting}",
        )


def _worst(draft: Draft, path: KeyPath, metric: Metric, task: Task) -> Iterator[Fault]:
    worst = metric.spec.worst
    if isinstance(worst, Declared) and metric.worst_name is None:
        words = PROBLEMS[task.problem].worst
        unit = f" in {metric.spec.unit}" if metric.spec.unit else ""
        ways = " or ".join(f"`worst: {name}`, {words[name]}{unit}" for name in worst.choices)
        yield draft.document.fault(
            (*path, "worst"),
            f"{metric.id} has no worst value of its own, and `missing: worst` needs one",
            hint=f"add {ways}",
            rule="required with missing: worst",
            inside=True,
        )
