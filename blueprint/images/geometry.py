"""Where the voxels of a volume lie in space."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.images.alignment import TOLERANCE_VOXELS, shift_voxels


@dataclass(frozen=True, eq=False)
class Geometry:
    """The grid of a volume: how many voxels, and the map from voxel index to millimetres."""

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]
    """Shape (4, 4): index (i, j, k, 1) to position in the file's unit."""
    unit_mm: float = 1.0
    """Millimetres in one of the file's units."""

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """The distance of neighbouring voxel centres along each axis of the array."""
        columns = np.linalg.norm(self.affine[:3, :3], axis=0) * self.unit_mm
        return (float(columns[0]), float(columns[1]), float(columns[2]))

    @property
    def voxels(self) -> int:
        """How many voxels the grid has."""
        return math.prod(self.shape)

    def is_aligned_with(self, other: "Geometry") -> bool:
        """Tell whether both affines put every voxel of this grid at the same place.

        No voxel may be off by more than `TOLERANCE_VOXELS` of the shortest voxel side.
        """
        shift = shift_voxels(self.shape, self.affine.tolist(), other.affine.tolist())
        return shift <= TOLERANCE_VOXELS
