"""One test case as an evaluator has it: inputs, and the reference that never leaves it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One test case in the organizers' folder."""

    id: str
    inputs: dict[str, Path]
    """Input name to file, in the order of the task."""
    reference: Path

    @property
    def image(self) -> Path:
        """The input whose grid the output must have: the task's first."""
        return next(iter(self.inputs.values()))
