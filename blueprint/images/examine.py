"""Finds out what a volume holds, piece by piece: memory does not grow with the file."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.images.facts import VolumeFacts
from blueprint.images.labels import LARGEST_LABEL, as_labels
from blueprint.images.nifti import Header, read_header
from blueprint.images.sources import ByteSource, VolumeError, open_source
from blueprint.images.volumes import Limits, check_single, check_size, values_of

_SPATIAL_AXES = 3


def examine(path: Path, limits: Limits, *, sha256: str, is_mask: bool) -> VolumeFacts:
    """Return what a NIfTI file holds.

    Args:
        path: A regular file, gzip or not.
        limits: Bounds on the file's size and on the voxels of all its volumes.
        sha256: The file's checksum: what is found is about exactly this content.
        is_mask: Every value must be a label, and labels are counted.

    Raises:
        VolumeError: The file is refused; the message says why as the rest of a sentence.
        ChangedError: It does not have that content (any more).
    """
    digest = hashlib.sha256()
    try:
        with open_source(path, max_file_bytes=limits.file_bytes, digest=digest) as source:
            facts = _examine(source, limits, is_mask=is_mask)
    except VolumeError:
        _demand_same(digest.hexdigest(), sha256)
        raise
    _demand_same(digest.hexdigest(), sha256)
    return facts


class ChangedError(VolumeError):
    """The file was changed while it was read."""


def _demand_same(found: str, sha256: str) -> None:
    if found != sha256:
        raise ChangedError("was changed while it was read")


def _examine(source: ByteSource, limits: Limits, *, is_mask: bool) -> VolumeFacts:
    header = read_header(source)
    if header.axes < _SPATIAL_AXES:
        raise VolumeError(
            f"has {header.axes} {'axis' if header.axes == 1 else 'axes'}: three spatial axes are "
            "expected (a single slice is X x Y x 1)"
        )
    if is_mask:
        check_single(header)
    check_size(header, limits)
    seen = _Labels() if is_mask else _Values()
    for values in values_of(source, header):
        seen.add(values)
    return seen.facts(header)


class _Values:
    """The range of an image's values, and how many are no numbers."""

    def __init__(self) -> None:
        self._minimum: float | None = None
        self._maximum: float | None = None
        self._nan = 0
        self._infinite = 0

    def add(self, values: NDArray[np.generic]) -> None:
        """Look at more values."""
        finite = values
        if np.issubdtype(values.dtype, np.floating):
            self._nan += int(np.count_nonzero(np.isnan(values)))
            self._infinite += int(np.count_nonzero(np.isinf(values)))
            finite = values[np.isfinite(values)]
        if finite.size:
            low, high = float(finite.min()), float(finite.max())
            self._minimum = low if self._minimum is None else min(low, self._minimum)
            self._maximum = high if self._maximum is None else max(high, self._maximum)

    def facts(self, header: Header) -> VolumeFacts:
        """Return what was seen."""
        return _facts(
            header, (self._minimum, self._maximum), (self._nan, self._infinite), labels=None
        )


class _Labels:
    """How many voxels have each label."""

    def __init__(self) -> None:
        self._counts = np.zeros(LARGEST_LABEL + 1, dtype=np.int64)

    def add(self, values: NDArray[np.generic]) -> None:
        """Look at more values; one that cannot be a label is refused."""
        counts = np.bincount(as_labels(values))
        self._counts[: len(counts)] += counts

    def facts(self, header: Header) -> VolumeFacts:
        """Return what was seen."""
        found = np.flatnonzero(self._counts)
        labels = {int(value): int(self._counts[value]) for value in found}
        return _facts(header, (float(found[0]), float(found[-1])), (0, 0), labels=labels)


def _facts(
    header: Header,
    extremes: tuple[float | None, float | None],
    no_numbers: tuple[int, int],
    labels: dict[int, int] | None,
) -> VolumeFacts:
    a, b, c, d = (tuple(map(float, row)) for row in header.geometry.affine)
    return VolumeFacts(
        shape=header.geometry.shape,
        axes=header.axes,
        volumes=header.volumes,
        affine=(a, b, c, d),  # type: ignore[arg-type]
        unit_mm=header.geometry.unit_mm,
        type=header.dtype.name,
        minimum=extremes[0],
        maximum=extremes[1],
        nan_voxels=no_numbers[0],
        infinite_voxels=no_numbers[1],
        labels=labels,
    )
