"""Checks that the values a task ignores are no labels of it."""

from collections.abc import Iterator

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of the tasks' lists of ignored values."""
    for path, task in draft.tasks:
        for index, value in enumerate(task.ignore):
            here = (*path, "ignore", index)
            if value in task.labels:
                yield draft.document.fault(
                    here,
                    f"{value} is a label of this task ('{task.labels[value]}'), so it is judged",
                    hint="take it out of `ignore`, or out of `labels`",
                    value=value,
                    rule="no label of the task",
                )
            elif value in task.ignore[:index]:
                yield draft.document.fault(
                    here, f"{value} is given twice", hint="keep one", value=value, rule="unique"
                )
