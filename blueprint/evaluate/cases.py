"""Finds the cases of a split in the evaluator's store, and lays out what programs see of them."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from blueprint.config.case_layout import (
    CASE_ID,
    input_paths,
    read_layout,
    reference_path,
)
from blueprint.config.model import Split
from blueprint.contracts.case import Case
from blueprint.contracts.port import Contract
from blueprint.contracts.registry import contract_of
from blueprint.desk.ticket import TaskTerms, Ticket
from blueprint.evaluate.store import CasesError, EvaluatorStore

_STAMP = "staged.json"


def load_cases(store: EvaluatorStore, task: TaskTerms, split: Split) -> tuple[Case, ...]:
    """Return the test cases of a split, sorted by id.

    Raises:
        CasesError: There are none, an id is no valid name, or a file is missing.
    """
    folder = store.cases_folder(task.id, split)
    try:
        (folder / "inputs").stat()  # for `read_layout` a folder that is away is an empty one
        names = sorted(read_layout(folder).inputs)
    except OSError as error:
        raise CasesError(f"{folder / 'inputs'}: cannot be read ({error.strerror})") from None
    if not names:
        raise CasesError(f"{folder / 'inputs'}: has no cases")
    return tuple(_case(folder, task, name) for name in names)


def ensure_inputs(
    store: EvaluatorStore, ticket: Ticket, cases: Sequence[Case], *, name: str = ""
) -> Path:
    """Return a folder in the store with what programs see: copies of inputs, no reference.

    A copy, because the sandbox shows this folder whole: nothing else may ever lie in it. It is
    made in a folder beside it and switched in, and made again when a source file changes.
    Idempotent; safe for several workers at once.

    Args:
        store: The evaluator's disk.
        ticket: Names the task, the split and the contract.
        cases: All cases of the split, or the few of a trial run.
        name: Keeps a folder of a few cases apart from that of all.

    Raises:
        CasesError: An input cannot be read.
    """
    contract, task, split = contract_of(ticket.phase.contract), ticket.task.id, ticket.phase.split
    target = store.inputs / task / (f"{split}-{name}" if name else split)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(f"{target.name}.lock")):
        stamp_file = target.with_name(f"{target.name}.{_STAMP}")
        try:
            stamp = _stamp(contract, cases)
            if not (target.is_dir() and _read(stamp_file) == stamp):
                stamp_file.unlink(missing_ok=True)
                _stage(target, contract, cases)
                stamp_file.write_text(stamp, encoding="utf-8")
        except OSError as error:
            raise CasesError(f"inputs of {task}: {error.strerror}: {error.filename}") from None
    return target


def _case(folder: Path, task: TaskTerms, name: str) -> Case:
    if not CASE_ID.fullmatch(name):
        raise CasesError(f"{folder / 'inputs'}: {name!r} is no name for a case")
    inputs = {key: folder / path for key, path in input_paths(name, task).items()}
    reference = folder / reference_path(name, task)
    for file in (*inputs.values(), reference):
        if not file.is_file():
            raise CasesError(f"{file}: is missing")
    return Case(name, inputs, reference)


def _stamp(contract: Contract, cases: Sequence[Case]) -> str:
    """Return a text that changes when a source file is touched, even one that keeps its times."""
    states = {
        f"{case.id}/{name}": [
            (status := file.stat()).st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_ino,
        ]
        for case in cases
        for name, file in case.inputs.items()
    }
    return json.dumps({"contract": contract.name, "files": states}, sort_keys=True)


def _stage(target: Path, contract: Contract, cases: Sequence[Case]) -> None:
    fresh = target.with_name(f"{target.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    contract.lay_out(cases, fresh)
    _make_readable(fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _make_readable(folder: Path) -> None:
    """Let the sandbox's user read everything, whatever this process's umask is."""
    for place, _, files in os.walk(folder):
        Path(place).chmod(0o755)
        for name in files:
            (Path(place) / name).chmod(0o644)


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
