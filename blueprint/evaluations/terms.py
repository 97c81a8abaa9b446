"""What scores and ranks of a split are made by: a dataset, settings, ranking rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from blueprint.config.model import Phase, Split, Task
from blueprint.evaluations.datasets import digest_of
from blueprint.evaluations.settings import BOARDS, evaluator_document, rules_document, task_under
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

    @property
    def boards(self) -> Mapping[str, str]:
        """What the board of each phase shows; phases that were added later are not there."""
        return dict(self.rules.get(BOARDS, {}))

    def apply_to(self, task: Task) -> Task:
        """Return the task as these terms score and rank it."""
        return task_under(task, self.evaluator, self.rules)

    def with_boards(self, boards: Mapping[str, str]) -> "Terms":
        """Return these terms with other rules of what boards show."""
        return replace(self, rules={**self.rules, BOARDS: dict(boards)})

    def after(self, before: "Terms") -> "Terms":
        """Return these terms as a successor of others.

        A phase that those do not know was added later and is no change of theirs; one that was
        removed meanwhile keeps what it had.
        """
        known = {id_: self.boards.get(id_, show) for id_, show in before.boards.items()}
        return self.with_boards(known)


def terms_of(task: Task, split: Split, dataset_digest: str, phases: Iterable[Phase]) -> Terms:
    """Return the terms that challenge.yaml and the files ask for now.

    Args:
        task: The task.
        split: Which of its cases.
        dataset_digest: Of their files.
        phases: All phases of the challenge: those of this split have boards of it.
    """
    ours = [one for one in phases if (one.task, one.cases) == (task.id, split)]
    rules = rules_document(task, ours)
    return Terms(task.id, split, dataset_digest, evaluator_document(task), rules)
