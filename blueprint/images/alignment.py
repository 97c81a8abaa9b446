"""Tells how far two grids put the same voxels apart; plain numbers, without numpy."""

import itertools
import math
from collections.abc import Sequence

TOLERANCE_VOXELS = 0.1
"""So far apart two affines may put a voxel, in shortest voxel sides of the first grid.

NIfTI stores single precision, and a rotation written as a quaternion loses more: that is forgiven.
"""

Rows = Sequence[Sequence[float]]
"""An affine by rows, 4 x 4."""


def spacing_of(affine: Rows) -> tuple[float, float, float]:
    """Return the distance of neighbouring voxel centres along each axis, in the affine's unit."""
    a, b, c = (math.hypot(*(affine[row][axis] for row in range(3))) for axis in range(3))
    return a, b, c


def shift_voxels(shape: Sequence[int], affine: Rows, other: Rows) -> float:
    """Return how far two affines put a voxel apart at most, in shortest voxel sides of the first.

    Affine maps differ most at corners, so the eight corners tell of every voxel. Places beyond
    what a number can hold are infinitely far apart.
    """
    shifts = [
        math.hypot(*(_place(affine[row], corner) - _place(other[row], corner) for row in range(3)))
        for corner in itertools.product(*((0, n - 1) for n in shape))
    ]
    if not all(map(math.isfinite, shifts)):
        return math.inf
    return max(shifts) / min(spacing_of(affine))


def _place(row: Sequence[float], corner: tuple[int, ...]) -> float:
    return sum(factor * index for factor, index in zip(row[:3], corner, strict=True)) + row[3]
