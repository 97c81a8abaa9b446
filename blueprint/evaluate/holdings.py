"""What the evaluator's own folders of test data hold now, against what a ticket names."""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from blueprint.config.model import Split
from blueprint.contracts.case import Case
from blueprint.desk.ticket import TaskTerms, Ticket
from blueprint.errors import BlueprintError
from blueprint.evaluate.cases import load_cases
from blueprint.evaluate.store import CasesError, EvaluatorStore
from blueprint.evaluations.datasets import CaseDigests, Dataset, FileDigest
from blueprint.images.sources import VolumeError, open_regular

_THREADS = 4
_CHUNK_BYTES = 1024 * 1024
Stamp = tuple[tuple[str, int, int, int, int], ...]
"""Of every file its path, size, times of change of content and inode (ns), and inode."""


class Digests(Protocol):
    """Makes checksums of files, and may remember them (`data.file_digests` does)."""

    def known(self, path: Path) -> FileDigest | None:
        """Return what a file holds if that is known without reading it."""

    def digest(self, path: Path) -> FileDigest:
        """Return what a file holds.

        Raises:
            VolumeError: It cannot be read; the message is the rest of a sentence about it.
        """


class ReadAlways:
    """Remembers nothing: what a look at a file's times cannot see is seen too."""

    def known(self, path: Path) -> FileDigest | None:
        """Return None: it has to be read."""
        del path
        return None

    def digest(self, path: Path) -> FileDigest:
        """Read the file."""
        digest, size_bytes = hashlib.sha256(), 0
        try:
            with open_regular(path) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    size_bytes += len(chunk)
        except OSError as error:
            raise VolumeError(f"cannot be read: {error.strerror or error}") from None
        return FileDigest(digest.hexdigest(), size_bytes)


class DataDiffersError(BlueprintError):
    """The files are not those that were put in force: nothing may be scored on them."""


def open_cases(
    store: EvaluatorStore, digests: Digests, ticket: Ticket
) -> tuple[tuple[Case, ...], Stamp]:
    """Return the cases of a ticket, which are those that it names, and how their files are now.

    Raises:
        CasesError: The ticket names no digest, and they are not as the contract lays them out.
        DataDiffersError: They are other cases or files, or cannot be read.
    """
    split = ticket.phase.split
    if not ticket.dataset_digest:
        return load_cases(store, ticket.task, split), ()
    try:
        cases = load_cases(store, ticket.task, split)
        stamp = stamp_of(cases)  # before they are read: what is touched meanwhile is noticed
        found = dataset_of_cases(digests, ticket.task, split, cases).digest
    except CasesError as error:
        raise DataDiffersError(str(error)) from None
    if found != ticket.dataset_digest:
        raise DataDiffersError(
            f"the {split} cases of {ticket.task.id} are not as they were put in force:"
            " `diychallenge status` names the files"
        )
    return cases, stamp


def take_dataset(store: EvaluatorStore, digests: Digests, task: TaskTerms, split: Split) -> Dataset:
    """Return what the cases of a split hold; files that were not touched are not read.

    Raises:
        CasesError: They are not as the contract lays them out, or a file cannot be read.
    """
    return dataset_of_cases(digests, task, split, load_cases(store, task, split))


def dataset_of_cases(
    digests: Digests, task: TaskTerms, split: Split, cases: Sequence[Case]
) -> Dataset:
    """Return what these cases hold (see `take_dataset`)."""
    found = _read(digests, [file for case in cases for file in files_of(case)])
    return Dataset(
        task.id,
        split,
        {
            case.id: CaseDigests(
                inputs={name: found[file] for name, file in case.inputs.items()},
                reference={task.output: found[case.reference]},
            )
            for case in cases
        },
    )


def stamp_of(cases: Iterable[Case]) -> Stamp:
    """Return what differs after any file of the cases was touched.

    Raises:
        DataDiffersError: A file is gone.
    """
    return tuple(_stamp(file) for case in cases for file in files_of(case))


def files_of(case: Case) -> tuple[Path, ...]:
    """Return the inputs and the reference of a case."""
    return (*case.inputs.values(), case.reference)


def _stamp(file: Path) -> tuple[str, int, int, int, int]:
    try:
        told = file.stat()
    except OSError as error:
        raise DataDiffersError(f"{file}: {error.strerror}") from None
    return str(file), told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino


def _read(digests: Digests, files: Sequence[Path]) -> dict[Path, FileDigest]:
    found = {file: digests.known(file) for file in files}
    unknown = [file for file, known in found.items() if known is None]
    if unknown:  # hashing lets other threads of this process run
        with ThreadPoolExecutor(_THREADS) as pool:
            found |= dict(zip(unknown, pool.map(lambda file: _digest(digests, file), unknown),
                              strict=True))  # fmt: skip
    return {file: known for file, known in found.items() if known is not None}


def _digest(digests: Digests, file: Path) -> FileDigest:
    try:
        return digests.digest(file)
    except VolumeError as error:
        raise CasesError(f"{file}: {error}") from None
