"""What decides about scores and ranks in a task, as documents: frozen once results hang on it.

The evaluator document holds what a score depends on; the rules hold what the ranks depend on
besides: the ranking, and which submission of a team each board ranks. What is
only read by people (titles, names of labels) and where files lie is in neither.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from blueprint.config.model import Phase, Task

_FORMAT = 1
_RULES = ("ranking", "uncertainty")
BOARDS = "boards"
"""In the rules: phase to what its board shows. A phase that is not there was added later."""
ADOPTED = "adopted"
"""Marks settings under which results of an earlier version were taken over, unchecked."""
_SHOWN = ("id", "title", "cases")
"""Words for people and places of files: edited at any time, no score depends on them."""


def evaluator_document(task: Task) -> dict[str, Any]:
    """Return what the scores of a task depend on besides its files and predictions.

    Defaults are left out, so that writing one out changes nothing.
    """
    said = task.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    settings = {key: value for key, value in said.items() if key not in (*_RULES, *_SHOWN)}
    settings["labels"] = sorted(task.labels)
    settings["inputs"] = [[name, kind] for name, kind in task.inputs.items()]  # the first counts
    versions = {metric.id: metric.spec.revision for metric in task.metrics}
    return {"format": _FORMAT, "task": task.id, "functions": versions, "settings": settings}


def rules_document(task: Task, phases: Iterable[Phase]) -> dict[str, Any]:
    """Return what the ranks of a task depend on besides its scores.

    Args:
        task: The task.
        phases: Those whose boards are made of these scores.
    """
    said = task.model_dump(mode="json", by_alias=True)
    boards = {phase.id: phase.board.show for phase in phases}
    return {"format": _FORMAT, **{key: said[key] for key in _RULES}, BOARDS: boards}


def task_under(task: Task, evaluator: Mapping[str, Any], rules: Mapping[str, Any]) -> Task:
    """Return a task as scored and ranked by frozen documents, in the words of today."""
    settings = dict(evaluator["settings"])
    labels = {value: task.labels.get(value, f"label {value}") for value in settings.pop("labels")}
    settings["inputs"] = dict(settings["inputs"])
    shown = {key: getattr(task, key) for key in _SHOWN}
    ranked = {key: rules[key] for key in _RULES}
    return Task.model_validate({**shown, **settings, "labels": labels, **ranked})


def evaluated_by(task: Task, evaluator: Mapping[str, Any]) -> Task:
    """Return a task as scored by a frozen document; its ranking is as the task says."""
    return task_under(task, evaluator, rules_document(task, ()))
