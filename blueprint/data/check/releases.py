"""Checks that the files of every release can be read and given out."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from blueprint.config.faults import Fault
from blueprint.config.load import Reading
from blueprint.config.locate import KeyPath
from blueprint.config.model import Challenge, Release
from blueprint.data.check.leaks import Guarded
from blueprint.data.check.report import ReleaseReport
from blueprint.data.file_digests import FileDigests
from blueprint.data.release_files import ReleaseFile, list_files

_MOST_FAULTS = 20
_PLAIN = "a release is made of plain files that this user can read"
_RULE = "files that can be given out"


@dataclass(frozen=True)
class ReleaseCheck:
    """What the releases of a challenge are held against."""

    reading: Reading
    base: Path
    """The folder of challenge.yaml."""
    guarded: Guarded
    digests: FileDigests

    def all(self, challenge: Challenge) -> tuple[list[ReleaseReport], list[Fault]]:
        """Return what each release holds, and what is wrong with its files."""
        reports: list[ReleaseReport] = []
        faults: list[Fault] = []
        for index, release in enumerate(challenge.data.releases):
            if (self.base / release.path).is_dir():  # else config.check_files names it
                report, wrong = self._one(release, ("data", "releases", index, "path"))
                reports.append(report)
                faults += wrong
        return reports, faults

    def _one(self, release: Release, key: KeyPath) -> tuple[ReleaseReport, list[Fault]]:
        name = str(release.path)
        folder = self.base / name
        files, problems = list_files(folder)
        problems += _unreadable(folder, files)
        faults = [
            self._fault(key, name, f"{name}: {problem}", _PLAIN)
            for problem in problems[:_MOST_FAULTS]
        ]
        odd = []
        for leak in self.guarded.leaks(folder, files, self.digests):
            if leak.is_reference:
                path = f"{name}/{leak.path}"
                hint = "take it out of the release: participants would have the answer"
                faults.append(self._fault(key, path, f"{path}: is {leak.of}", hint))
            else:
                odd.append(f"{leak.path} is {leak.of}")
        size_bytes = sum(file.size_bytes for file in files)
        return ReleaseReport(release.id, name, len(files), size_bytes, tuple(odd)), faults

    def _fault(self, key: KeyPath, path: str, problem: str, hint: str) -> Fault:
        return replace(self.reading.document.fault(key, problem, hint=hint, rule=_RULE), value=path)


def _unreadable(folder: Path, files: list[ReleaseFile]) -> Iterator[str]:
    for file in files:
        if not os.access(folder / file.path, os.R_OK):
            yield f"{file.path} may not be read by this user"
