"""Checks that each metric fits its task and says what libraries disagree on."""

from collections.abc import Iterator

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model import Metric

_FITTING = {"semantic-segmentation": ("dice", "hd95")}


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
            yield from _fits(draft, here, metric, task.problem)
            yield from _worst(draft, here, metric)


def _fits(draft: Draft, path: KeyPath, metric: Metric, problem: str) -> Iterator[Fault]:
    fitting = _FITTING[problem]
    if metric.id not in fitting:
        yield draft.document.fault(
            (*path, "id"),
            f"'{metric.id}' does not fit {problem}",
            hint=f"metrics for {problem} are {', '.join(fitting)}",
            value=metric.id,
            rule=f"one of {', '.join(fitting)}",
        )


def _worst(draft: Draft, path: KeyPath, metric: Metric) -> Iterator[Fault]:
    if metric.id == "hd95" and metric.worst is None:
        yield draft.document.fault(
            (*path, "worst"),
            "hd95 has no worst value of its own, and `missing: worst` needs one",
            hint="add `worst: diagonal`, the diagonal of the case's volume in mm",
            rule="required with missing: worst",
            inside=True,
        )
    if metric.id == "dice":
        for key in ("definition", "unit", "worst"):
            value = getattr(metric, key)
            if value is not None:
                yield draft.document.fault(
                    (*path, key),
                    f"'{value}' says nothing about dice: it lies between 0 and 1, and 0 is worst",
                    hint="delete this key",
                    value=value,
                    rule="for distances only",
                )
