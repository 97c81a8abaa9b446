"""The test data of a task as a document: case ids, and a checksum of every input and reference."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from blueprint.config.model import Split
from blueprint.signing import canonical_json

_FORMAT = 1
Part = Literal["inputs", "reference"]
Kind = Literal["changed", "added", "removed"]


@dataclass(frozen=True)
class FileDigest:
    """What a file holds."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class CaseDigests:
    """What the files of one case hold, by the name of the input or output."""

    inputs: Mapping[str, FileDigest]
    reference: Mapping[str, FileDigest]

    def files(self) -> dict[tuple[Part, str], FileDigest]:
        """Return every file by its part and name."""
        inputs = {("inputs", name): file for name, file in self.inputs.items()}
        return {**inputs, **{("reference", name): file for name, file in self.reference.items()}}  # type: ignore[dict-item]


@dataclass(frozen=True)
class Dataset:
    """The cases of one split of a task, and what their files hold.

    Where the files lie is not part of it: a folder may be moved or renamed.
    """

    task: str
    split: Split
    cases: Mapping[str, CaseDigests]

    def as_document(self) -> dict[str, Any]:
        """Return it as JSON values, the form that is stored and that the digest is made of."""
        return {
            "format": _FORMAT,
            "task": self.task,
            "split": self.split,
            "cases": {
                case: {
                    part: {name: vars(file) for name, file in sorted(files.items())}
                    for part, files in (("inputs", one.inputs), ("reference", one.reference))
                }
                for case, one in sorted(self.cases.items())
            },
        }

    @property
    def digest(self) -> str:
        """The SHA-256 of the document, in hexadecimal digits."""
        return digest_of(self.as_document())


def read_dataset(document: Mapping[str, Any]) -> Dataset:
    """Return the dataset that `as_document` described."""
    cases = {
        str(case): CaseDigests(_files(parts["inputs"]), _files(parts["reference"]))
        for case, parts in document["cases"].items()
    }
    return Dataset(str(document["task"]), document["split"], cases)


def digest_of(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of a document of JSON values, in hexadecimal digits."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


@dataclass(frozen=True)
class FileChange:
    """One file that differs between two datasets."""

    path: str
    """Where it lies below the folder of its split."""
    case: str
    part: Part
    kind: Kind
    now_of: tuple[str, ...] = ()
    """Cases that had this very file before: a swap names its partner."""
    case_is_new: bool = False
    """The whole case was added."""

    @property
    def needs_runs(self) -> bool:
        """Whether predictions must be made anew: those that are kept do not answer this file."""
        return self.case_is_new or (self.part == "inputs" and self.kind != "removed")

    def __str__(self) -> str:
        """`reference/case-01/mask.nii.gz: changed (now what case-02 had)`."""
        of = f" (now what {' and '.join(self.now_of)} had)" if self.now_of else ""
        return f"{self.path}: {self.kind}{of}"


def differences(before: Dataset, after: Dataset) -> tuple[FileChange, ...]:
    """Return every file that differs, by case."""
    owners: dict[str, list[str]] = {}
    for case, one in sorted(before.cases.items()):
        for file in one.files().values():
            owners.setdefault(file.sha256, []).append(case)
    cases = sorted({*before.cases, *after.cases})
    return tuple(change for case in cases for change in _of_case(case, before, after, owners))


def _of_case(
    case: str, before: Dataset, after: Dataset, owners: Mapping[str, list[str]]
) -> Iterator[FileChange]:
    nothing = CaseDigests({}, {})
    old = before.cases.get(case, nothing).files()
    new = after.cases.get(case, nothing).files()
    is_new = case not in before.cases
    for part, name in sorted({*old, *new}):
        was, now = old.get((part, name)), new.get((part, name))
        if was == now:
            continue
        if now is None:
            yield FileChange(_path(case, part, name), case, part, "removed")
        else:
            kind: Kind = "changed" if was else "added"
            now_of = tuple(owner for owner in owners.get(now.sha256, ()) if owner != case)
            path = _path(case, part, name)
            yield FileChange(path, case, part, kind, now_of, case_is_new=is_new)


def _path(case: str, part: Part, name: str) -> str:
    return f"{part}/{case}/{name}.nii.gz"


def _files(document: Mapping[str, Any]) -> dict[str, FileDigest]:
    return {
        str(name): FileDigest(str(file["sha256"]), int(file["size_bytes"]))
        for name, file in document.items()
    }
