"""What scores and ranks of a split are made by: a dataset, settings of its task, ranking rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.config.model import Split, Task
from blueprint.evaluations.datasets import digest_of
from blueprint.evaluations.settings import evaluator_document, rules_document, task_under
from blueprint.metrics import specs

Place = tuple[str, Split]
"""A task and one of its splits."""


@dataclass(frozen=True)
class Terms:
    """What scores and ranks are made by: a dataset, the settings of a task, its ranking rules."""

    task: str
    split: Split
    dataset_digest: str
    evaluator: Mapping[str, Any]
    rules: Mapping[str, Any]

    @property
    def evaluator_digest(self) -> str:
        """The digest of the settings."""
        return digest_of(self.evaluator)

    @property
    def place(self) -> Place:
        """The task and split."""
        return self.task, self.split

    @property
    def is_computed_here(self) -> bool:
        """Whether this program computes every metric as the results under these terms were."""
        known = {spec.id: spec.revision for spec in specs.SPECS}
        return all(known.get(name) == made for name, made in self.evaluator["functions"].items())

    def apply_to(self, task: Task) -> Task:
        """Return the task as these terms score and rank it."""
        return task_under(task, self.evaluator, self.rules)


def terms_of(task: Task, split: Split, dataset_digest: str) -> Terms:
    """Return the terms that challenge.yaml and the files ask for now."""
    return Terms(task.id, split, dataset_digest, evaluator_document(task), rules_document(task))
