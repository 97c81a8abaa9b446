"""Labels: whole numbers in, small files out."""

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.images.geometry import Geometry
from blueprint.images.labels import as_labels, check_known, write_labels
from blueprint.images.volumes import Limits, VolumeError, read_volume

Array = NDArray[Any]


def cube(value: float = 0, dtype: str = "f4") -> Array:
    data = np.zeros((3, 3, 3), dtype=dtype)
    data[1, 1, 1] = value
    return data


def refusal(data: Array) -> str:
    with pytest.raises(VolumeError) as caught:
        as_labels(data)
    return str(caught.value)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_whole_numbers_of_any_type_become_labels(dtype: str) -> None:
    assert np.array_equal(as_labels(cube(2, dtype)), cube(2, "u2"))


def test_nan_is_named() -> None:
    assert refusal(cube(np.nan)) == "holds NaN (not a number): every voxel needs a label"


def test_infinity_is_named() -> None:
    assert refusal(cube(np.inf)) == "holds infinite values: every voxel needs a label"


def test_fractions_are_no_labels() -> None:
    assert refusal(cube(0.5)).startswith("holds fractions: save labels, not probabilities")


@pytest.mark.parametrize("dtype", ["i1", "i8", "f4"])
def test_negative_values_are_no_labels(dtype: str) -> None:
    assert refusal(cube(-1, dtype)) == "holds negative values: labels are whole numbers from 0"


@pytest.mark.parametrize("dtype", ["i4", "u8", "f8"])
def test_huge_values_do_not_wrap_around(dtype: str) -> None:
    assert refusal(cube(65_537, dtype)) == (
        "holds values above 65535: labels are small whole numbers"
    )


def test_an_unknown_label_is_named_with_those_of_the_task() -> None:
    with pytest.raises(VolumeError) as caught:
        check_known(as_labels(cube(3)), (2, 1))

    assert str(caught.value) == "holds a label that this task does not have; it has 0, 1, 2"
    assert caught.value.in_full.endswith("(found: 3)")


def test_known_labels_and_background_are_accepted() -> None:
    check_known(as_labels(cube(2)), (2, 1))


@pytest.mark.parametrize(("value", "dtype"), [(2, "uint8"), (300, "uint16")])
def test_a_mask_is_written_small_and_read_back_equal(
    tmp_path: Path, value: int, dtype: str
) -> None:
    affine = np.diag([1.5, -2, 3, 1.0])
    labels = as_labels(cube(value))

    write_labels(tmp_path / "mask.nii.gz", labels, Geometry((3, 3, 3), affine))

    found = read_volume(tmp_path / "mask.nii.gz", Limits())
    assert np.array_equal(found.data, labels)
    assert np.array_equal(found.geometry.affine, affine)
    by_nibabel: Any = nibabel.load(tmp_path / "mask.nii.gz")
    assert by_nibabel.get_data_dtype() == dtype
