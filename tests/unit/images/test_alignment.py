"""How far two affines put voxels apart, worked out by hand."""

import math

import pytest

from blueprint.images.alignment import Rows, shift_voxels, spacing_of

PLAIN: Rows = [[2.0, 0, 0, 10], [0, 0, -3.0, 20], [0, 1.5, 0, 30], [0, 0, 0, 1]]
SHAPE = (5, 4, 3)


def changed(row: int, column: int, by: float) -> Rows:
    return [
        [value + by * ((i, j) == (row, column)) for j, value in enumerate(line)]
        for i, line in enumerate(PLAIN)
    ]


def test_spacing_is_the_length_of_each_column():
    assert spacing_of(PLAIN) == (2.0, 1.5, 3.0)


def test_a_shift_is_counted_in_shortest_sides():
    assert shift_voxels(SHAPE, PLAIN, PLAIN) == 0
    # 0.3 mm of 1.5 mm.
    assert shift_voxels(SHAPE, PLAIN, changed(0, 3, 0.3)) == pytest.approx(0.2)


def test_another_spacing_shows_at_the_far_corner():
    # 0.03 mm more on each of the 4 steps along the first axis: 0.12 mm of 1.5 mm.
    assert shift_voxels(SHAPE, PLAIN, changed(0, 0, 0.03)) == pytest.approx(0.08)


def test_one_voxel_along_every_axis_has_a_place_alone():
    assert shift_voxels((1, 1, 1), PLAIN, changed(0, 0, 7.0)) == 0


@pytest.mark.parametrize("far", [1e308, -1e308])
def test_places_beyond_all_numbers_are_never_the_same(far: float):
    assert shift_voxels(SHAPE, changed(0, 0, far), changed(0, 0, far)) == math.inf
