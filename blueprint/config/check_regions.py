"""Checks that regions are made of labels of their task, and can be told from what has a name."""

from collections.abc import Iterator

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model import Task
from blueprint.metrics.measures import MEAN


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of the tasks' regions."""
    for path, task in draft.tasks:
        first: dict[frozenset[int], str] = {}
        for name, labels in task.regions.items():
            here = (*path, "regions", name)
            yield from _name(draft, here, name)
            yield from _labels(draft, here, labels, task)
            same = first.setdefault(frozenset(labels), name)
            if same != name:
                yield draft.document.fault(
                    here,
                    f"'{name}' has the labels of '{same}': it would count twice",
                    hint="keep one of the two",
                    value=list(labels),
                    rule="other labels than every other region",
                )


def _name(draft: Draft, path: KeyPath, name: str) -> Iterator[Fault]:
    if name == MEAN:
        problem = f"no region may be called '{name}': that is the mean over all regions"
    elif name.isdigit():
        problem = f"'{name}' reads as the value of a label"
    else:
        return
    yield draft.document.fault(
        path, problem, hint="give it another name, such as whole", value=name, rule="another name"
    )


def _labels(draft: Draft, path: KeyPath, labels: tuple[int, ...], task: Task) -> Iterator[Fault]:
    known = ", ".join(f"{value} ({name})" for value, name in sorted(task.labels.items()))
    for index, label in enumerate(labels):
        if label not in task.labels:
            yield draft.document.fault(
                (*path, index),
                f"{label} is no label of this task",
                hint=f"the labels are {known}",
                value=label,
                rule="a label of the task",
            )
        elif label in labels[:index]:
            yield draft.document.fault(
                (*path, index),
                f"{label} is given twice",
                hint="keep one",
                value=label,
                rule="unique",
            )
