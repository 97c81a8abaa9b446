"""Broken outputs, each with the exact verdict that the participant reads.

The files are made here, because most cannot lie in a repository (pipes, links, bombs); the
expected verdicts are tests/invalid/outputs/<name>.expected, one for what came with a push (which
may be quoted) and one for what a program wrote (which may not).
"""

import gzip
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.config.model import Kind
from blueprint.evaluate.outputs import validate
from blueprint.evaluate.protocol import CaseFiles, Validate, Validation
from blueprint.evaluate.verdicts import fault_of_outputs, note_on_outputs
from tests.tickets import ticket

EXPECTED = Path(__file__).resolve().parents[2] / "invalid" / "outputs"
SHAPE = (6, 5, 4)
AFFINE = np.array([[-1.0, 0, 0, 30], [0, 1.0, 0, -20], [0, 0, 2.0, 7], [0, 0, 0, 1]])
Array = NDArray[Any]
Change = Callable[[Path], None]


def packed(data: Array, affine: Array = AFFINE, *fields: tuple[int, str, object]) -> bytes:
    kind: Any = nibabel.Nifti1Image
    content = bytearray(kind(data, affine, dtype=data.dtype).to_bytes())
    for offset, form, value in fields:
        struct.pack_into(form, content, offset, value)
    return gzip.compress(content, mtime=0)


def labels(dtype: str = "u1", shape: tuple[int, ...] = SHAPE) -> Array:
    data = np.zeros(shape, dtype=dtype)
    data[1:3, 1:3, 1:3] = 1
    data[3:5, 1:3, 1:3] = 2
    return data


def with_value(value: float, dtype: str = "f4") -> Array:
    data = labels(dtype)
    data[0, 0, 0] = value
    return data


def writes(content: bytes) -> Change:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def links(path: Path) -> None:
    path.with_name("elsewhere").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to("elsewhere")


def links_its_folder(path: Path) -> None:
    path.parent.rename(path.parent.parent / "elsewhere")
    path.parent.symlink_to("elsewhere")


def becomes_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def becomes_a_socket(path: Path) -> None:
    path.unlink()
    here = Path.cwd()
    os.chdir(path.parent)  # the whole path may be longer than a socket's name can be
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


def becomes_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def grows(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(2 * 1024 * 1024)


FLIPPED = AFFINE @ np.diag([-1.0, 1, 1, 1])
BROKEN: dict[str, Change] = {
    "01-nan": writes(packed(with_value(np.nan))),
    "02-infinity": writes(packed(with_value(np.inf))),
    "03-fractions": writes(packed(with_value(0.5))),
    "04-negative": writes(packed(with_value(-1, "i2"))),
    "05-huge-value": writes(packed(with_value(70_000, "i4"))),
    "06-unexpected-label": writes(packed(with_value(7, "u1"))),
    "07-wrong-affine": writes(packed(labels(), FLIPPED)),
    "08-shifted-affine": writes(packed(labels(), AFFINE + np.eye(4, k=3) * 0.5)),
    "09-wrong-shape": writes(packed(labels(shape=(6, 5, 3)))),
    "10-reversed-axes": writes(packed(labels(shape=SHAPE[::-1]))),
    "11-four-dimensions": writes(packed(np.stack([labels(), labels()], axis=3))),
    "12-not-nifti": writes(gzip.compress(b"PNG? " * 200)),
    "13-empty-file": writes(b""),
    "14-truncated-gzip": writes(packed(with_value(1))[:-20]),
    "15-damaged-gzip": writes(packed(with_value(1))[:-8] + bytes(8)),
    "16-gzip-bomb": writes(gzip.compress(gzip.decompress(packed(labels())) + bytes(2**28))),
    "17-huge-header": writes(packed(labels(), AFFINE, (42, "<h", 32_767),
                                    (44, "<h", 32_767), (46, "<h", 32_767))),
    "18-negative-dimension": writes(packed(labels(), AFFINE, (42, "<h", -6))),
    "19-complex-voxels": writes(packed(labels(), AFFINE, (70, "<h", 32))),
    "20-nan-affine": writes(packed(labels(), AFFINE, (280, "<f", float("nan")))),
    "21-voxels-far-away": writes(packed(labels(), AFFINE, (108, "<f", 1e9))),
    "22-symlink": links,
    "23-linked-folder": links_its_folder,
    "24-pipe": becomes_a_pipe,
    "25-socket": becomes_a_socket,
    "26-folder": becomes_a_folder,
    "27-too-large": grows,
    "28-nothing-at-all": lambda path: path.unlink(),
}  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> CaseFiles:
    image = tmp_path / "t1.nii.gz"
    image.write_bytes(packed(labels("i2")))
    return CaseFiles("case-01", str(image), "case-01/mask.nii.gz")


@pytest.fixture
def judge(tmp_path: Path, case: CaseFiles) -> Callable[..., Validation]:
    def one(*, quote: bool = True, cases: tuple[CaseFiles, ...] = (case,)) -> Validation:
        return validate(
            Validate(
                cases=cases,
                folder=str(tmp_path / "output"),
                keep=str(tmp_path / "kept"),
                labels=(1, 2),
                max_file_bytes=2**20,
                quote=quote,
            )
        )

    return one


@pytest.fixture
def prediction(tmp_path: Path) -> Path:
    path = tmp_path / "output" / "case-01" / "mask.nii.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(packed(labels()))
    return path


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_output_gets_exactly_this_verdict(
    name: str,
    judge: Callable[..., Validation],
    prediction: Path,
    tmp_path: Path,
) -> None:
    BROKEN[name](prediction)

    said: list[str] = []
    kinds: tuple[tuple[bool, Kind], ...] = ((True, "predictions"), (False, "code"))
    for shown, kind in kinds:
        fault = fault_of_outputs(judge(quote=shown), ticket(kind=kind))
        assert fault is not None
        assert fault.class_ == "participant"
        said.append(f"{fault.code}: {fault.message}")

    assert "\n".join(said) + "\n" == (EXPECTED / f"{name}.expected").read_text("utf-8")
    assert not list((tmp_path / "kept").rglob("*.nii.gz"))


def test_every_expected_verdict_has_its_broken_output() -> None:
    assert {path.stem for path in EXPECTED.glob("*.expected")} == set(BROKEN)


@pytest.mark.parametrize("dtype", ["u1", "i2", "i8", "f4", "f8"])
def test_a_good_output_is_kept_as_a_copy_with_the_same_labels(
    dtype: str,
    judge: Callable[..., Validation],
    prediction: Path,
    tmp_path: Path,
) -> None:
    prediction.write_bytes(packed(labels(dtype)))

    found = judge()

    assert found == Validation(kept=("case-01",), missing=(), bad=(), extra=())
    assert fault_of_outputs(found, ticket(logs="own")) is None
    copy: Any = nibabel.load(tmp_path / "kept/case-01/mask.nii.gz")
    assert np.array_equal(np.asarray(copy.dataobj), labels())
    assert np.allclose(copy.affine, AFFINE)


def test_what_else_a_file_carries_stays_behind(
    judge: Callable[..., Validation], prediction: Path, tmp_path: Path
) -> None:
    header: Any = nibabel.Nifti1Image
    image = header(labels(), AFFINE)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"stolen pixels"))
    image.header["descrip"] = b"stolen pixels"
    prediction.write_bytes(gzip.compress(image.to_bytes()))

    assert judge().kept == ("case-01",)

    assert b"stolen" not in gzip.decompress((tmp_path / "kept/case-01/mask.nii.gz").read_bytes())


def test_a_missing_case_and_an_extra_file_are_noted_and_cost_no_verdict(
    judge: Callable[..., Validation], case: CaseFiles, prediction: Path
) -> None:
    (prediction.parent / "thumb\x1b[31m\nnail.png").write_bytes(b"x")
    other = CaseFiles("case-02", case.image, "case-02/mask.nii.gz")

    found = judge(cases=(case, other))

    assert (found.kept, found.missing) == (("case-01",), ("case-02",))
    assert fault_of_outputs(found, ticket(logs="own")) is None
    assert note_on_outputs(found, names_shown=True) == (
        "1 of 2 cases have a prediction; missing, so with the worst score: case-02. "
        "1 other file was found and ignored: case-01/thumb nail.png."
    )
    assert note_on_outputs(found, names_shown=False) == (
        "1 of 2 cases have a prediction; missing, so with the worst score: case-02. "
        "1 other file was found and ignored."
    )


def test_names_that_are_no_text_are_reported(
    judge: Callable[..., Validation], prediction: Path
) -> None:
    Path(os.fsdecode(os.fsencode(prediction.parent) + b"/\xff\xfe.bin")).write_bytes(b"x")

    assert judge().extra == ("case-01/\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}.bin",)


def test_an_image_of_the_organizers_that_cannot_be_read_is_no_fault_of_the_participant(
    judge: Callable[..., Validation], case: CaseFiles, prediction: Path
) -> None:
    Path(case.image).write_bytes(b"not an image")

    found = judge()

    assert found.bad == ()
    assert [about.text for about in found.unusable] == ["image is not a NIfTI file"]


def test_many_bad_cases_are_named_up_to_ten(
    judge: Callable[..., Validation], case: CaseFiles, tmp_path: Path
) -> None:
    cases = tuple(CaseFiles(f"c{n:02}", case.image, f"c{n:02}/mask.nii.gz") for n in range(14))
    for each in cases:
        path = tmp_path / "output" / each.prediction
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")

    fault = fault_of_outputs(judge(cases=cases), ticket(logs="own"))

    assert fault is not None
    assert fault.message.startswith("14 of 14 predictions cannot be scored: c00/mask.nii.gz is em")
    assert fault.message.endswith("c09/mask.nii.gz is empty; and 4 more.")
