"""What the metrics of a segmentation are given: a pair of masks on one grid, region by region."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from blueprint.metrics.measures import Region
from blueprint.metrics.specification import WorstName

Labels = NDArray[np.integer]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MaskPair:
    """Reference and prediction of one region: boolean, the same shape, three axes."""

    reference: Mask
    prediction: Mask
    spacing_mm: tuple[float, ...] = (1.0, 1.0, 1.0)
    """Distance of voxel centres along each axis of the arrays."""

    @cached_property
    def reference_is_empty(self) -> bool:
        """True when no voxel of the reference is set."""
        return not self.reference.any()

    @cached_property
    def prediction_is_empty(self) -> bool:
        """True when no voxel of the prediction is set."""
        return not self.prediction.any()


@dataclass(frozen=True, eq=False)
class SegmentedCase:
    """Label masks of one case on its grid; without a prediction the case is missing."""

    reference: Labels
    prediction: Labels | None
    spacing_mm: tuple[float, ...]

    def subject(self, region: Region) -> MaskPair | None:
        """Return the masks of a region, None when the case is missing."""
        if self.prediction is None:
            return None
        return MaskPair(
            _within(self.reference, region), _within(self.prediction, region), self.spacing_mm
        )

    def worst(self, name: WorstName) -> float:
        """Return a worst value that depends on the case: `diagonal` is that of the volume."""
        return {"diagonal": diagonal_mm}[name](self.reference.shape, self.spacing_mm)


def diagonal_mm(shape: Sequence[int], spacing_mm: Sequence[float]) -> float:
    """Return the diagonal of a volume in millimetres, voxels counted with their full extent.

    No distance between two voxel centres of the volume is larger, so it is a worst value.
    """
    return math.hypot(*(n * side for n, side in zip(shape, spacing_mm, strict=True)))


def _within(labels: Labels, region: Region) -> Mask:
    if len(region.labels) == 1:
        return np.asarray(labels == region.labels[0])
    return np.isin(labels, region.labels)
