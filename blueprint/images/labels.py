"""Label masks: whole numbers only on the way in, small plain NIfTI files on the way out."""

import gzip
from collections.abc import Collection
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray

from blueprint.images.geometry import Geometry
from blueprint.images.sources import VolumeError

LARGEST_LABEL = 65_535
Mask = NDArray[np.uint16]


def as_labels(data: NDArray[np.generic]) -> Mask:
    """Return voxel values as labels.

    Raises:
        VolumeError: A value is NaN, infinite, fractional, negative or above 65535.
    """
    if np.issubdtype(data.dtype, np.floating):
        _check_integral(data)
    if data.min() < 0:
        raise VolumeError("holds negative values: labels are whole numbers from 0")
    if data.max() > LARGEST_LABEL:
        raise VolumeError(f"holds values above {LARGEST_LABEL}: labels are small whole numbers")
    return np.asfortranarray(data, dtype=np.uint16)


def _check_integral(data: NDArray[np.generic]) -> None:
    if np.isnan(data).any():
        raise VolumeError("holds NaN (not a number): every voxel needs a label")
    if np.isinf(data).any():
        raise VolumeError("holds infinite values: every voxel needs a label")
    if (np.rint(data) != data).any():
        raise VolumeError(
            "holds fractions: save labels, not probabilities, and resample with nearest neighbour"
        )


def check_known(labels: Mask, known: Collection[int]) -> None:
    """Accept a mask whose values are all 0 or in `known`.

    Raises:
        VolumeError: Another value occurs.
    """
    present = np.zeros(LARGEST_LABEL + 1, dtype=bool)
    for k in range(labels.shape[2]):  # slice by slice: fancy indexing makes large temporaries
        present[labels[:, :, k]] = True
    present[[0, *known]] = False
    if present.any():
        allowed = ", ".join(str(label) for label in sorted({0, *known}))
        raise VolumeError(
            f"holds a label that this task does not have; it has {allowed}",
            found=str(int(present.argmax())),
        )


def write_labels(path: Path, labels: Mask, geometry: Geometry) -> None:
    """Write a mask as NIfTI in the smallest unsigned type, with nothing but labels and place."""
    dtype = np.uint8 if int(labels.max()) <= np.iinfo(np.uint8).max else np.uint16
    image = nibabel.Nifti1Image(labels.astype(dtype), geometry.affine)  # type: ignore[no-untyped-call]
    with gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) as file:
        file.write(image.to_bytes())
