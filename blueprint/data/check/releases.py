"""Checks that the files of every release can be read and given out."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from blueprint.config.faults import Fault
from blueprint.config.load import Reading
from blueprint.config.model import Challenge
from blueprint.data.check.report import ReleaseReport
from blueprint.data.release_files import ReleaseFile, list_files

_MOST_FAULTS = 20


def check_releases(
    reading: Reading, challenge: Challenge, base: Path
) -> tuple[list[ReleaseReport], list[Fault]]:
    """Return what each release holds, and what is wrong with its files (not their contents)."""
    reports: list[ReleaseReport] = []
    faults: list[Fault] = []
    for index, release in enumerate(challenge.data.releases):
        folder = str(release.path)
        if not (base / folder).is_dir():
            continue  # config.check_files names it
        files, problems = list_files(base / folder)
        problems += _unreadable(base / folder, files)
        faults += [
            replace(
                reading.document.fault(
                    ("data", "releases", index, "path"),
                    f"{folder}: {problem}",
                    hint="a release is made of plain files that this user can read",
                    rule="files that can be given out",
                ),
                value=folder,
            )
            for problem in problems[:_MOST_FAULTS]
        ]
        reports.append(
            ReleaseReport(release.id, folder, len(files), sum(file.size_bytes for file in files))
        )
    return reports, faults


def _unreadable(folder: Path, files: list[ReleaseFile]) -> Iterator[str]:
    for file in files:
        if not os.access(folder / file.path, os.R_OK):
            yield f"{file.path} may not be read by this user"
