"""Data that is wrong in one way each gets exactly the message beside it.

The files are made here, because most cannot lie in a repository (pipes, loops, bombs); the
expected messages are tests/invalid/data/<name>.expected.
"""

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from blueprint.config.faults import ConfigFaults
from blueprint.data.check.run import check_data, check_file
from blueprint.state import StateFolder
from tests.unit.data.check.project import (
    AFFINE,
    SHAPE,
    image,
    labels,
    make_project,
    packed,
    with_value,
)

EXPECTED = Path(__file__).resolve().parents[3] / "invalid" / "data"
Change = Callable[[Path], None]
FLIPPED = AFFINE @ np.diag([-1.0, 1, 1, 1])


def mask(content: bytes, case: str = "case-2") -> Change:
    def write(folder: Path) -> None:
        (folder / f"reference/{case}/mask.nii.gz").write_bytes(content)

    return write


def scan(content: bytes, name: str = "t1", case: str = "case-2") -> Change:
    def write(folder: Path) -> None:
        (folder / f"inputs/{case}/{name}.nii.gz").write_bytes(content)

    return write


def both(*changes: Change) -> Change:
    def write(folder: Path) -> None:
        for change in changes:
            change(folder)

    return write


def without(path: str) -> Change:
    def remove(folder: Path) -> None:
        shutil.rmtree(folder / path)

    return remove


def replaced(make: Callable[[Path], object]) -> Change:
    def replace(folder: Path) -> None:
        path = folder / "reference/case-2/mask.nii.gz"
        path.unlink()
        make(path)

    return replace


def huge(axis: int, code: int) -> bytes:
    """Return a file whose header claims `axis` voxels on each side, of a NIfTI-1 type."""
    sides = [(offset, "<h", axis) for offset in (42, 44, 46)]
    return packed(labels(), AFFINE, *sides, (70, "<h", code))


BAD: dict[str, Change] = {
    "01-garbage": both(mask(b"\x89PNG\r\n" * 50), scan(bytes(range(256)) * 4, "t2")),
    "02-truncated-gzip": both(mask(packed(labels())[:-20]), scan(packed(image(2))[:100])),
    "03-damaged-gzip": mask(packed(labels())[:-8] + bytes(8)),
    "04-other-shape": both(mask(packed(labels(shape=(6, 5, 3)))),
                           scan(packed(labels("i2", (7, 5, 4))), "t2")),
    "05-reversed-axes": mask(packed(labels(shape=SHAPE[::-1]))),
    "06-other-affine": both(mask(packed(labels(), FLIPPED)),
                            scan(packed(image(3), AFFINE + np.eye(4, k=3) * 0.5), "t2")),
    "07-two-axes": both(mask(packed(labels()[:, :, 0])), scan(packed(image(2)[:, 0, 0]))),
    "08-four-axes": mask(packed(np.stack([labels(), labels()], axis=3))),
    "09-fractions": mask(packed(with_value(0.5))),
    "10-nan": mask(packed(with_value(np.nan))),
    "11-infinity": mask(packed(with_value(-np.inf))),
    "12-negative": mask(packed(with_value(-1, "i2"))),
    "13-above-all-labels": mask(packed(with_value(70_000, "i4"))),
    "14-undeclared-labels": both(mask(packed(with_value(7, "u1"))),
                                 mask(packed(labels("u1") * 100), "case-3")),
    # 21,544 voxels a side of 8 bytes are 8e13 bytes: 80 TB.
    "15-header-of-80-tb": both(mask(huge(21_544, 64)), scan(huge(32_767, 64))),
    "16-gzip-bomb": mask(gzip.compress(gzip.decompress(packed(labels())) + bytes(2**28))),
    "17-a-case-without-reference": without("reference/case-3"),
    "18-a-reference-without-case": without("inputs/case-1"),
    "19-a-file-missing": lambda folder: (folder / "inputs/case-1/t2.nii.gz").unlink(),
    "20-empty-file": mask(b""),
    "21-a-link": replaced(lambda path: path.symlink_to("../case-1/mask.nii.gz")),
    "22-a-loop-of-links": replaced(lambda path: path.symlink_to(path.name)),
    "23-a-pipe": replaced(os.mkfifo),
    "24-a-folder": replaced(Path.mkdir),
    "25-complex-voxels": scan(packed(image(2), AFFINE, (70, "<h", 32))),
    "26-nan-affine": scan(packed(image(2), AFFINE, (280, "<f", float("nan")))),
    "27-unpacked-twice": mask(gzip.compress(packed(labels()))),
    "28-several-at-once": both(mask(b"x"), mask(packed(with_value(3, "u1")), "case-1"),
                               scan(packed(labels("i2", (2, 2, 2))), "t2", "case-3"),
                               without("reference/case-3")),
}  # fmt: skip


def faults_of(project: Path, state: Path) -> ConfigFaults:
    file = project / "challenge.yaml"
    checked = check_data(check_file(file), project, StateFolder(state))
    with pytest.raises(ConfigFaults) as caught:
        checked.demand_good()
    return caught.value


@pytest.mark.parametrize("name", BAD)
def test_bad_data_gets_exactly_this_message(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    make_project(tmp_path)
    BAD[name](tmp_path / "data/test-public")
    monkeypatch.chdir(tmp_path)

    found = faults_of(Path(), tmp_path / "state")

    assert f"{found}\n" == (EXPECTED / f"{name}.expected").read_text("utf-8")
    assert found.exit_code == 2
    assert all(fault.hint and fault.path == "tasks[0].cases.public" for fault in found.faults)


def test_every_expected_message_has_its_bad_data():
    assert {path.stem for path in EXPECTED.glob("*.expected")} == set(BAD)
