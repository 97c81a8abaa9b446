"""The native contract: what it takes at the push, what programs see, and where predictions lie."""

import json
from pathlib import Path

import pytest

from blueprint.contracts.case import Case
from blueprint.contracts.port import Claimed, Folders
from blueprint.contracts.registry import CONTRACTS, contract_of
from blueprint.errors import NotFoundError
from tests.tickets import TISSUE, ticket

NATIVE = contract_of("native")


def test_every_contract_is_found_by_its_name() -> None:
    assert {name: contract.name for name, contract in CONTRACTS.items()} == {"native": "native"}
    with pytest.raises(NotFoundError, match="there is no contract phakir in this version"):
        contract_of("phakir")


@pytest.mark.parametrize(
    "run",
    [["python", "predict.py"], ["python3", "-u", "./src/main.py"], ["python", "-m", "tool"],
     ["python", "/code/predict.py", "--fast"], ["python", "-c", "print(1)"], []],
)  # fmt: skip
def test_a_command_of_python_is_taken(run: list[object]) -> None:
    assert list(NATIVE.check(Claimed(run, ["predict.py", "src/main.py"]))) == []


@pytest.mark.parametrize("first", ["bash", "/usr/bin/python", 3, None, "python "])
def test_another_command_is_refused_where_it_stands(first: object) -> None:
    (misfit,) = NATIVE.check(Claimed([first, "predict.py"], None))

    assert (misfit.key, misfit.value) == (("run", 0), first)
    assert misfit.problem.startswith("the command must begin with python")


def test_a_program_that_is_not_there_is_named_with_what_was_meant() -> None:
    (misfit,) = NATIVE.check(Claimed(["python", "-u", "predcit.py"], ["predict.py"]))

    assert misfit.key == ("run", 2)
    assert "there is no file predcit.py" in misfit.problem
    assert "predict.py" in misfit.problem
    assert list(NATIVE.check(Claimed(["python", "predcit.py"], None))) == []


def test_programs_see_inputs_and_no_reference(tmp_path: Path) -> None:
    (tmp_path / "t1.nii.gz").write_bytes(b"image")
    (tmp_path / "mask.nii.gz").write_bytes(b"truth")
    case = Case("a-1", {"t1": tmp_path / "t1.nii.gz"}, tmp_path / "mask.nii.gz")
    folder = tmp_path / "input"
    folder.mkdir()

    NATIVE.lay_out([case], folder)

    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {"cases.json", "a-1/t1.nii.gz"}
    listed = json.loads((folder / "cases.json").read_text())
    assert listed == [{"id": "a-1", "files": {"t1": "a-1/t1.nii.gz"}}]
    assert NATIVE.collect(TISSUE, [case]) == {"a-1": "a-1/mask.nii.gz"}


def test_a_job_is_what_the_ticket_says(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "code", tmp_path / "input", tmp_path / "output")

    job = NATIVE.prepare(ticket(), "trial", folders)

    assert (job.name, job.argv, job.nonce) == ("1-1-trial", ("python", "predict.py"),
                                               "0123456789abcdef")  # fmt: skip
    assert (job.code, job.inputs, job.output) == (folders.code, folders.inputs, folders.output)
    assert (job.limits.cpus, job.limits.memory_mib, job.limits.time_s) == (1, 512, 30)
    assert (job.image, job.gpus, job.environment) == (None, 0, {"DIYCHALLENGE_SEED": "7"})
