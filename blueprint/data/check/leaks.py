"""Finds files of a release that hold, under whatever name, what participants may not see."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprint.data.check.report import CaseReport, FileReport, SplitReport
from blueprint.data.file_digests import FileDigests
from blueprint.data.release_files import ReleaseFile
from blueprint.images.sources import VolumeError


@dataclass(frozen=True)
class Leak:
    """A file of a release with the content of a file of a test case."""

    path: str
    """Below the folder of the release."""
    of: str
    """Which file it is, in words."""
    is_reference: bool


class Guarded:
    """The contents that no release should have: references, and inputs of private cases."""

    def __init__(self, splits: Sequence[SplitReport]) -> None:
        self._by_size: dict[int, dict[str, tuple[str, bool]]] = defaultdict(dict)
        for split in splits:
            for case in split.cases:
                for file in case.files:
                    self._add(split, case, file)

    def leaks(
        self, folder: Path, files: Sequence[ReleaseFile], digests: FileDigests
    ) -> Iterator[Leak]:
        """Yield the files of a release that hold guarded content.

        Only a file of the same size is read, so of most releases none is.
        """
        for file in files:
            same_size = self._by_size.get(file.size_bytes)
            if same_size is None:
                continue
            try:
                digest = digests.digest(folder / file.path)
            except VolumeError:
                continue  # that it cannot be read is said elsewhere
            if digest.sha256 in same_size:
                yield Leak(file.path, *same_size[digest.sha256])

    def _add(self, split: SplitReport, case: CaseReport, file: FileReport) -> None:
        digest = file.finding.digest
        if digest is None:
            return
        if file.role == "reference":
            if any((case.labels or {}).values()):  # empty masks of one shape are all alike
                words = f"the reference of {split.split} case {case.id} of {split.task}"
                self._by_size[digest.size_bytes][digest.sha256] = (words, True)
        elif split.split == "private":
            words = f"{file.name} of private case {case.id} of {split.task}"
            self._by_size[digest.size_bytes].setdefault(digest.sha256, (words, False))
