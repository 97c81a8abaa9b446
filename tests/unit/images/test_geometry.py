"""Grids: when two affines mean the same place."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.images.geometry import Geometry

Array = NDArray[Any]
AFFINE = np.array([[0.0, -2.0, 0, 10], [1.5, 0, 0, -20], [0, 0, 3.0, 5], [0, 0, 0, 1]])


def grid(affine: Array = AFFINE, shape: tuple[int, int, int] = (44, 44, 14)) -> Geometry:
    return Geometry(shape, np.asarray(affine, dtype=float))


def moved(column: int, value: float) -> Geometry:
    affine = AFFINE.copy()
    affine[0, column] += value
    return grid(affine)


def test_rounding_to_single_precision_is_forgiven() -> None:
    assert grid().is_aligned_with(grid(AFFINE.astype(np.float32)))


def test_a_tenth_of_the_smallest_voxel_side_is_the_limit() -> None:
    # The smallest side is 1.5 mm.
    assert grid().is_aligned_with(moved(3, 0.149))
    assert not grid().is_aligned_with(moved(3, 0.151))


def test_a_small_change_of_scale_adds_up_across_the_volume() -> None:
    # 43 voxels away from the first, 0.004 mm a voxel is 0.172 mm.
    assert not grid().is_aligned_with(moved(1, 0.004))
    assert grid(shape=(44, 10, 14)).is_aligned_with(moved(1, 0.004))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_flipped_axis_is_another_place(axis: int) -> None:
    flip = np.eye(4)
    flip[axis, axis] = -1

    assert not grid().is_aligned_with(grid(AFFINE @ flip))


def test_spacing_follows_the_axes_of_the_array_not_of_the_patient() -> None:
    assert grid().spacing_mm == (1.5, 2.0, 3.0)
