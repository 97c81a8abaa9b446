"""An evaluator's own disk: cases with their references, copies of inputs, runs, predictions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blueprint.config.model import Split
from blueprint.errors import BlueprintError


class CasesError(BlueprintError):
    """The organizers' test data are not as the contract lays them out."""


@dataclass(frozen=True)
class EvaluatorStore:
    """Where an evaluator keeps what is its own; ground truth never leaves this disk.

    On the platform's machine these are folders of the state folder and the organizer's project;
    on an evaluation host they lie below one folder (see `store_at`).
    """

    inputs: Path
    """Copies of test inputs for programs, `<task>/<split>/<case>/`: never ground truth."""
    runs: Path
    """Working folders of attempts, `<submission>/<attempt>/`, removed when they end."""
    predictions: Path
    """Validated copies of predictions, `<submission>/<case>/`."""
    root: Path | None = None
    """Where cases lie that `cases` does not name: `<root>/cases/<task>/<split>/`."""
    cases: Mapping[tuple[str, Split], Path] = field(default_factory=dict)
    """Folders of cases by task and split."""

    def cases_folder(self, task: str, split: Split) -> Path:
        """Return the folder that holds `inputs/<case>/` and `reference/<case>/`.

        Raises:
            CasesError: This evaluator has no such cases.
        """
        if (task, split) in self.cases:
            return self.cases[task, split]
        folder = None if self.root is None else self.root / "cases" / task / split
        if folder is None or not folder.is_dir():
            where = "" if folder is None else f" at {folder}"
            raise CasesError(f"task {task} has no {split} cases{where}")
        return folder


def store_at(root: Path) -> EvaluatorStore:
    """Return the store of an evaluation host: everything below one folder."""
    return EvaluatorStore(
        inputs=root / "inputs", runs=root / "runs", predictions=root / "predictions", root=root
    )
