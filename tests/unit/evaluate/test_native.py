"""What lies in /input: copies of inputs, never the reference, made again when a source changes."""

import dataclasses
import json
import os
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blueprint.config.load import load
from blueprint.database.connection import open_sqlite
from blueprint.evaluate.native import CasesError, ensure_inputs, load_cases
from blueprint.platform import Platform
from blueprint.state import StateFolder
from tests.local_addresses import LOCAL

YAML = """\
version: 1
challenge: {id: tissue, title: Tissue, contact: a@example.org}
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {t1: image, t2: image}
    outputs: {mask: segmentation}
    labels: {1: grey, 2: white}
    cases: {public: test}
    metrics: [{id: dice}]
phases:
  - {id: first, tasks: [tissue], opens: 2027-06-01, closes: 2027-07-01}
"""


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    project = tmp_path / "project"
    for case in ("b-2", "a-1"):
        for file in (f"inputs/{case}/t1", f"inputs/{case}/t2", f"reference/{case}/mask"):
            path = project / "test" / f"{file}.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"content of {file}".encode())
    (project / "challenge.yaml").write_text(YAML)
    state = StateFolder(tmp_path / "state")
    state.root.mkdir(mode=0o700)
    return Platform(
        load(project / "challenge.yaml"),
        project,
        state,
        open_sqlite(state.database),
        lambda: datetime(2027, 6, 15, tzinfo=UTC),
        LOCAL,
    )


@pytest.fixture
def stage(platform: Platform) -> Callable[..., Path]:
    def one(few: int | None = None) -> Path:
        task = platform.challenge.tasks[0]
        cases = load_cases(platform, task, "public")
        name = "" if few is None else f"trial-{few}"
        return ensure_inputs(platform, task, "public", cases[:few], name=name)

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


def test_a_changed_source_is_copied_again(platform: Platform, stage: Callable[..., Path]) -> None:
    stage()
    (platform.project / "test/inputs/a-1/t1.nii.gz").write_bytes(b"mended")

    assert (stage() / "a-1/t1.nii.gz").read_bytes() == b"mended"


def test_a_removed_case_leaves(platform: Platform, stage: Callable[..., Path]) -> None:
    stage()
    shutil.rmtree(platform.project / "test/inputs/b-2")

    assert files(stage()) == ["a-1/t1.nii.gz", "a-1/t2.nii.gz", "cases.json"]


def test_a_killed_staging_is_made_again(platform: Platform, stage: Callable[..., Path]) -> None:
    folder = stage()
    (folder.parent / "public.staged.json").unlink()  # written last
    (folder / "a-1/t1.nii.gz").write_bytes(b"half")

    assert (stage() / "a-1/t1.nii.gz").read_bytes() == b"content of inputs/a-1/t1"


def test_several_workers_stage_at_once(stage: Callable[..., Path]) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = {str(folder) for folder in pool.map(lambda _: stage(), range(16))}

    assert len(found) == 1
    assert len(files(Path(found.pop()))) == 5


def test_a_missing_file_is_named(platform: Platform) -> None:
    (platform.project / "test/reference/b-2/mask.nii.gz").unlink()

    with pytest.raises(CasesError, match=r"reference/b-2/mask.nii.gz: is missing"):
        load_cases(platform, platform.challenge.tasks[0], "public")


def test_a_folder_that_is_no_case_id_is_named(platform: Platform) -> None:
    (platform.project / "test/inputs/-rf").mkdir()

    with pytest.raises(CasesError, match="'-rf' is no name for a case"):
        load_cases(platform, platform.challenge.tasks[0], "public")


def test_a_split_that_the_task_does_not_have_is_said(platform: Platform) -> None:
    with pytest.raises(CasesError, match="task tissue has no private cases"):
        load_cases(platform, platform.challenge.tasks[0], "private")


def test_data_that_moved_away_are_said(platform: Platform) -> None:
    moved = dataclasses.replace(platform, project=platform.project / "elsewhere")

    with pytest.raises(CasesError, match=r"inputs: cannot be read \(No such file"):
        load_cases(moved, platform.challenge.tasks[0], "public")
