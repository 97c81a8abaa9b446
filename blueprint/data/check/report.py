"""What a check of the data found: the table of cases, and what is odd about them."""

from dataclasses import dataclass
from typing import Literal

from blueprint.config.model import Split
from blueprint.data.check.findings import Finding

Role = Literal["input", "reference"]


@dataclass(frozen=True)
class FileReport:
    """One file of a case, with what it holds."""

    path: str
    """From the folder of challenge.yaml."""
    role: Role
    name: str
    """The name of the input, or of the output that it is the reference of."""
    finding: Finding


@dataclass(frozen=True)
class CaseReport:
    """One test case. What is odd does not keep it from being used; a fault does."""

    id: str
    shape: tuple[int, int, int] | None
    """Of the first input; None where that cannot be read."""
    spacing_mm: tuple[float, float, float] | None
    labels: dict[int, int] | None
    """Voxels of the reference for each label of the task, 0 where it does not occur; None where
    the reference cannot be read."""
    ignored_voxels: int
    """Voxels of the reference that no metric looks at."""
    odd: tuple[str, ...]
    faults: tuple[str, ...]
    """Each a path and what is wrong with that file."""
    files: tuple[FileReport, ...]


@dataclass(frozen=True)
class SplitReport:
    """All test cases of one split of a task."""

    task: str
    split: Split
    folder: str
    label_names: dict[int, str]
    cases: tuple[CaseReport, ...]
    odd: tuple[str, ...]
    """What is odd about the split as a whole."""


@dataclass(frozen=True)
class ReleaseReport:
    """One release, as far as its files can be given out."""

    id: str
    folder: str
    files: int
    size_bytes: int
    odd: tuple[str, ...]
    """Files with the content of a private input."""


@dataclass(frozen=True)
class DataReport:
    """Everything that was looked at."""

    splits: tuple[SplitReport, ...]
    releases: tuple[ReleaseReport, ...]
    files: int
    """Inputs and references."""
    read: int
    """How many of them were opened; the others were not touched since an earlier check."""

    @property
    def odd(self) -> tuple[str, ...]:
        """Everything odd, a sentence each, with the task and split, or the release, it is about."""
        of_releases = (
            f"release {release.id}: {sentence}"
            for release in self.releases
            for sentence in release.odd
        )
        return (*self._odd_splits(), *of_releases)

    def _odd_splits(self) -> tuple[str, ...]:
        return tuple(
            f"{split.task}, {split.split}: {sentence}"
            for split in self.splits
            for sentence in (
                *split.odd,
                *(f"case {case.id}: {odd}" for case in split.cases for odd in case.odd),
            )
        )
