"""Distances between the surfaces of two masks, in millimetres."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.spatial import KDTree

from blueprint.metrics.masks import Mask, MaskPair

_VOXELS_PER_POINT = 5
"""A search tree costs about as much per point as a distance transform per five voxels."""
_NEAR_VOXELS = 8.0
_PAIRS_PER_VOXEL = 100
"""Comparing so many pairs of points costs about as much as a distance transform per voxel."""


def hd95_mm(
    pair: MaskPair, *, definition: Literal["max-directed", "pooled"] = "max-directed"
) -> float:
    """Return the 95th percentile Hausdorff distance in millimetres.

    Taken (with linear interpolation) of the distances from each border voxel of one mask to the
    nearest border voxel of the other. A border voxel belongs to the mask and has a face neighbour
    that does not; beyond the volume's edge there is no mask.

    Args:
        pair: Three axes, at least one voxel set in each mask.
        definition: `max-directed` is the larger of the two directed percentiles, as Metrics
            Reloaded (Maier-Hein et al. 2024) and MONAI have it; `pooled` is the percentile of the
            distances of both directions together, as medpy has it.

    Raises:
        ValueError: A mask is empty: the distance is not defined, the caller decides.
    """
    box = _box(pair.reference | pair.prediction)
    first, second = border(pair.reference[box]), border(pair.prediction[box])
    if not first.any() or not second.any():
        raise ValueError("hd95_mm needs two masks with at least one voxel each")
    spacing = np.asarray(pair.spacing_mm, dtype=np.float64)
    directed = [_distances_mm(first, second, spacing), _distances_mm(second, first, spacing)]
    if definition == "pooled":
        directed = [np.concatenate(directed)]
    return max(float(np.percentile(distances, 95)) for distances in directed)


def border(mask: Mask) -> Mask:
    """Return the voxels of a mask that have a face neighbour outside it."""
    inner = np.pad(mask, 1)
    core = inner[1:-1, 1:-1, 1:-1].copy()
    for axis in range(mask.ndim):
        for shift in (slice(None, -2), slice(2, None)):
            window = [slice(1, -1)] * mask.ndim
            window[axis] = shift
            core &= inner[tuple(window)]
    return mask & ~core


def _box(mask: Mask) -> tuple[slice, ...]:
    """Return the smallest box that holds every set voxel; outside it nothing has a border."""
    box = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        hits = np.flatnonzero(mask.any(axis=others))
        box.append(slice(int(hits[0]), int(hits[-1]) + 1) if hits.size else slice(0, 0))
    return tuple(box)


def _distances_mm(of: Mask, to: Mask, spacing_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for each set voxel of `of`, the distance to the nearest set voxel of `to`.

    Voxels that both share are at distance 0 and need no search: most of them, in good masks.
    Few points are searched in a tree; else a distance transform of the box is cheaper. Both work
    in double precision and agree.
    """
    alone = of & ~to
    distances = np.zeros(np.count_nonzero(of))
    found = _by_tree(alone, to, spacing_mm)
    if found is None:
        found = _by_transform(alone, to, spacing_mm)
    distances[: len(found)] = found
    return distances


def _by_tree(of: Mask, to: Mask, spacing_mm: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the distances, or None where searching could cost more than a transform.

    A search looks at every point that is about as near as the nearest. Near ones are few, but
    of far ones a hostile mask can put all at one distance: a sphere around the other mask.
    """
    count = np.count_nonzero(to)
    if (np.count_nonzero(of) + count) * _VOXELS_PER_POINT > to.size:
        return None
    tree = KDTree(np.argwhere(to) * spacing_mm, balanced_tree=False)
    points = np.argwhere(of) * spacing_mm
    near_mm = _NEAR_VOXELS * math.cbrt(float(np.prod(spacing_mm)))
    found = np.asarray(tree.query(points, distance_upper_bound=near_mm)[0])
    far = ~np.isfinite(found)
    if np.count_nonzero(far) * count > to.size * _PAIRS_PER_VOXEL:
        return None
    found[far] = tree.query(points[far])[0]
    return found


def _by_transform(of: Mask, to: Mask, spacing_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    # Distances of the whole box would take four times the memory of these indices.
    nearest = distance_transform_edt(
        ~to, sampling=spacing_mm, return_distances=False, return_indices=True
    )
    squares = np.zeros(np.count_nonzero(of))
    for axis, (at, side_mm) in enumerate(zip(np.nonzero(of), spacing_mm, strict=True)):
        squares += ((nearest[axis][of] - at) * side_mm) ** 2
    return np.sqrt(squares)
