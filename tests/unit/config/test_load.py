"""Loading reads one file and looks at the folders beside it."""

import json
import os
from pathlib import Path

import pytest

from blueprint.config.faults import ConfigFaults
from blueprint.config.load import load
from blueprint.errors import InputError

EXAMPLE = Path(__file__).resolve().parents[3] / "challenge.example.yaml"


def faults_of(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(ConfigFaults) as caught:
        load(EXAMPLE, base=folder)
    return [(fault.path, fault.problem) for fault in caught.value.faults]


def test_paths_are_relative_to_the_file(starter_folder: Path):
    path = starter_folder / "challenge.yaml"
    path.write_bytes(EXAMPLE.read_bytes())

    assert load(path).challenge.id == "brain-tissue"


def test_a_missing_file_is_the_callers_mistake(tmp_path: Path):
    with pytest.raises(InputError, match="there is no such file") as caught:
        load(tmp_path / "challenge.yaml")

    assert caught.value.hint is not None


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_all_folders_that_are_missing_are_named_at_once(tmp_path: Path):
    assert faults_of(tmp_path) == [
        ("challenge.pages", "'pages' does not exist"),
        ("data.releases[0].path", "'data/training' does not exist"),
        ("data.releases[1].path", "'data/test-public/inputs' does not exist"),
        ("tasks[0].cases.public", "'data/test-public' does not exist"),
        ("tasks[0].cases.private", "'data/test-private' does not exist"),
    ]


def test_a_platform_that_runs_is_loaded_without_its_data(tmp_path: Path):
    assert load(EXAMPLE, base=tmp_path, check_data=False).challenge.id == "brain-tissue"


def test_a_case_without_its_reference_is_named(starter_folder: Path):
    reference = starter_folder / "data/test-public/reference"
    (reference / "public-03/mask.nii.gz").unlink()
    (reference / "public-03").rmdir()
    (reference / "stray").mkdir()

    assert faults_of(starter_folder) == [
        ("tasks[0].cases.public", "'data/test-public': cases without a reference: public-03"),
        ("tasks[0].cases.public", "'data/test-public': references without a case: stray"),
    ]


def test_a_case_with_a_hostile_name_is_named_safely(starter_folder: Path):
    for part in ("inputs", "reference"):
        os.rename(  # noqa: PTH104
            starter_folder / "data/test-public" / part / "public-03",
            starter_folder / "data/test-public" / part / "bad\nname\x1b",
        )

    problems = [problem for _, problem in faults_of(starter_folder)]
    assert problems == [r"'data/test-public': not a name for a case: bad\nname\x1b"]


def test_a_hidden_file_is_no_case(starter_folder: Path):
    (starter_folder / "data/test-public/inputs/.DS_Store").write_bytes(b"")

    load(EXAMPLE, base=starter_folder)


def test_a_folder_without_an_index_page_is_named(starter_folder: Path):
    (starter_folder / "pages/index.md").unlink()

    assert faults_of(starter_folder) == [("challenge.pages", "'pages' has no index.md")]


def test_faults_are_data_for_scripts(tmp_path: Path):
    path = tmp_path / "challenge.yaml"
    path.write_text("version: 3\n")

    with pytest.raises(ConfigFaults) as caught:
        load(path)

    first = json.loads(caught.value.as_json())["faults"][0]
    assert first == {
        "file": str(path),
        "line": 1,
        "column": 1,
        "path": "version",
        "problem": "3 is not accepted: only 1 is",
        "hint": "challenge.example.yaml has `version: 1` there",
        "value": "3",
        "rule": "1",
    }
