"""What lies in /input: copies of inputs, never the reference, made again when a source changes."""

import dataclasses
import json
import os
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from blueprint.desk.ticket import TaskTerms
from blueprint.evaluate.cases import ensure_inputs, load_cases
from blueprint.evaluate.store import CasesError, EvaluatorStore, store_at
from tests.tickets import ticket

TASK = TaskTerms("tissue", ("t1", "t2"), "mask", "semantic-segmentation", (1, 2), ())


@pytest.fixture
def store(tmp_path: Path) -> EvaluatorStore:
    for case in ("b-2", "a-1"):
        for file in (f"inputs/{case}/t1", f"inputs/{case}/t2", f"reference/{case}/mask"):
            path = tmp_path / "store" / "cases" / "tissue" / "public" / f"{file}.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"content of {file}".encode())
    return store_at(tmp_path / "store")


@pytest.fixture
def data(store: EvaluatorStore) -> Path:
    return store.cases_folder("tissue", "public")


@pytest.fixture
def stage(store: EvaluatorStore) -> Callable[..., Path]:
    def one(few: int | None = None) -> Path:
        cases = load_cases(store, TASK, "public")
        name = "" if few is None else f"trial-{few}"
        return ensure_inputs(store, ticket(task=TASK), cases[:few], name=name)

    return one


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_input_holds_the_inputs_and_their_list_and_nothing_else(
    stage: Callable[..., Path],
) -> None:
    folder = stage()

    assert files(folder) == [
        "a-1/t1.nii.gz", "a-1/t2.nii.gz", "b-2/t1.nii.gz", "b-2/t2.nii.gz", "cases.json",
    ]  # fmt: skip
    assert json.loads((folder / "cases.json").read_text()) == [
        {"id": "a-1", "files": {"t1": "a-1/t1.nii.gz", "t2": "a-1/t2.nii.gz"}},
        {"id": "b-2", "files": {"t1": "b-2/t1.nii.gz", "t2": "b-2/t2.nii.gz"}},
    ]


def test_the_sandboxs_user_can_read_everything_whatever_the_umask(
    stage: Callable[..., Path],
) -> None:
    before = os.umask(0o077)
    try:
        folder = stage()
    finally:
        os.umask(before)

    for path in (folder, *folder.rglob("*")):
        wanted = 0o755 if path.is_dir() else 0o644
        assert stat.S_IMODE(path.stat().st_mode) == wanted


def test_a_trial_has_a_folder_of_its_own(stage: Callable[..., Path]) -> None:
    assert files(stage(1)) == ["a-1/t1.nii.gz", "a-1/t2.nii.gz", "cases.json"]
    assert len(files(stage())) == 5


def test_a_second_call_changes_nothing(stage: Callable[..., Path]) -> None:
    first = (stage() / "cases.json").stat()

    assert (stage() / "cases.json").stat().st_ino == first.st_ino


def test_a_changed_source_is_copied_again(data: Path, stage: Callable[..., Path]) -> None:
    stage()
    (data / "inputs/a-1/t1.nii.gz").write_bytes(b"mended")

    assert (stage() / "a-1/t1.nii.gz").read_bytes() == b"mended"


def test_a_removed_case_leaves(data: Path, stage: Callable[..., Path]) -> None:
    stage()
    shutil.rmtree(data / "inputs/b-2")

    assert files(stage()) == ["a-1/t1.nii.gz", "a-1/t2.nii.gz", "cases.json"]


def test_a_killed_staging_is_made_again(data: Path, stage: Callable[..., Path]) -> None:
    folder = stage()
    (folder.parent / "public.staged.json").unlink()  # written last
    (folder / "a-1/t1.nii.gz").write_bytes(b"half")

    assert (stage() / "a-1/t1.nii.gz").read_bytes() == b"content of inputs/a-1/t1"


def test_several_workers_stage_at_once(stage: Callable[..., Path]) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = {str(folder) for folder in pool.map(lambda _: stage(), range(16))}

    assert len(found) == 1
    assert len(files(Path(found.pop()))) == 5


def test_a_missing_file_is_named(store: EvaluatorStore, data: Path) -> None:
    (data / "reference/b-2/mask.nii.gz").unlink()

    with pytest.raises(CasesError, match=r"reference/b-2/mask.nii.gz: is missing"):
        load_cases(store, TASK, "public")


def test_a_folder_that_is_no_case_id_is_named(store: EvaluatorStore, data: Path) -> None:
    (data / "inputs/-rf").mkdir()

    with pytest.raises(CasesError, match="'-rf' is no name for a case"):
        load_cases(store, TASK, "public")


def test_a_split_that_the_task_does_not_have_is_said(store: EvaluatorStore) -> None:
    with pytest.raises(CasesError, match="task tissue has no private cases"):
        load_cases(store, TASK, "private")


def test_data_that_moved_away_are_said(store: EvaluatorStore, tmp_path: Path) -> None:
    moved = dataclasses.replace(store, cases={("tissue", "public"): tmp_path / "elsewhere"})

    with pytest.raises(CasesError, match=r"inputs: cannot be read \(No such file"):
        load_cases(moved, TASK, "public")
