"""How test cases lie in their folder: inputs/<case>/<input>.nii.gz and the references beside it."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
LAYOUT = "inputs/<case>/<input>.nii.gz and reference/<case>/<output>.nii.gz"
_SUFFIX = ".nii.gz"


class NamesFiles(Protocol):
    """A task, as far as it says which files a case has."""

    @property
    def inputs(self) -> Iterable[str]:
        """The names of the inputs, in order."""

    @property
    def output(self) -> str:
        """The name of the output."""


@dataclass(frozen=True)
class Layout:
    """The cases that lie in a folder, by the names of their own folders."""

    folder: Path
    inputs: frozenset[str]
    """The names below inputs/."""
    references: frozenset[str]
    """The names below reference/."""

    @property
    def names(self) -> list[str]:
        """Every name, sorted."""
        return sorted(self.inputs | self.references)


def read_layout(folder: Path) -> Layout:
    """Return what lies in a folder of cases; hidden names are left out.

    Raises:
        OSError: It cannot be read.
    """
    return Layout(folder, _names(folder / "inputs"), _names(folder / "reference"))


def file_name(name: str) -> str:
    """Return the file name of an input or output: `mask` is in `mask.nii.gz`."""
    return name + _SUFFIX


def input_paths(case: str, task: NamesFiles) -> dict[str, str]:
    """Return each input of a case and its path below the folder, in the order of the task."""
    return {name: f"inputs/{case}/{file_name(name)}" for name in task.inputs}


def reference_path(case: str, task: NamesFiles) -> str:
    """Return the path of a case's reference below the folder."""
    return f"reference/{case}/{file_name(task.output)}"


def _names(folder: Path) -> frozenset[str]:
    if not folder.is_dir():
        return frozenset()
    with os.scandir(folder) as entries:
        return frozenset(entry.name for entry in entries if not entry.name.startswith("."))
