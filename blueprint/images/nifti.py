"""Understands NIfTI-1 and NIfTI-2 headers, and believes nothing that does not add up."""

import math
from dataclasses import dataclass

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from blueprint.images.geometry import Geometry
from blueprint.images.sources import ByteSource, VolumeError

_LARGEST_EXTENSION_BYTES = 1024 * 1024
_FLAVOURS = {348: (Nifti1Header, b"n+1\0", 344), 540: (Nifti2Header, b"n+2\0\r\n\x1a\n", 4)}
_UNITS_MM = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # unknown (taken as mm), m, mm, um
_TYPES = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4",
    1024: "i8", 1280: "u8",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Header:
    """What a NIfTI header says, checked for sense."""

    geometry: Geometry
    volumes: int
    """How many 3-D volumes follow each other: 1 unless the file is 4-D or more."""
    dtype: np.dtype[np.generic]
    axes: int
    """How many axes the file says it has, those of length 1 too."""
    skip_bytes: int
    """Bytes between the end of the header and the first voxel."""
    slope: float
    intercept: float

    @property
    def data_bytes(self) -> int:
        """The size of all voxels of all volumes."""
        return self.geometry.voxels * self.volumes * self.dtype.itemsize


def read_header(source: ByteSource) -> Header:
    """Return the header at the beginning of `source`.

    Raises:
        VolumeError: It is not a single-file NIfTI, or says something impossible.
    """
    try:
        start = bytes(source.read_exactly(4))
    except VolumeError:
        raise VolumeError("is not a NIfTI file") from None
    for order in ("<", ">"):
        size_bytes = int(np.frombuffer(start, dtype=f"{order}i4")[0])
        if size_bytes in _FLAVOURS:
            block = start + bytes(source.read_exactly(size_bytes - 4))
            return _header(block, size_bytes, order)
    raise VolumeError("is not a NIfTI file")


def _header(block: bytes, size_bytes: int, order: str) -> Header:
    kind, magic, magic_at = _FLAVOURS[size_bytes]
    if block[magic_at : magic_at + len(magic)] != magic:
        raise VolumeError("is not a single-file NIfTI (.nii or .nii.gz)")
    fields = kind(binaryblock=block, endianness=order, check=False)  # type: ignore[no-untyped-call]
    sizes = _sizes(fields)
    code = int(fields["datatype"])
    if code not in _TYPES:
        raise VolumeError("has a voxel type that is neither an integer nor a real number")
    slope, intercept = _scaling(fields)
    return Header(
        geometry=Geometry(
            (sizes[0], sizes[1], sizes[2]), _affine(fields), _UNITS_MM.get(_unit(fields), 1.0)
        ),
        volumes=math.prod(sizes[3:]),
        dtype=np.dtype(order + _TYPES[code]),
        axes=int(fields["dim"][0]),
        skip_bytes=_skip_bytes(fields, size_bytes),
        slope=slope,
        intercept=intercept,
    )


def _sizes(fields: Nifti1Header) -> tuple[int, ...]:
    """Return the lengths of all seven axes; those that the file does not use are 1."""
    count, *sizes = (int(n) for n in fields["dim"])
    if not 1 <= count <= len(sizes) or min(sizes[:count]) < 1:
        raise VolumeError("has a header with impossible dimensions")
    return tuple(sizes[:count] + [1] * (len(sizes) - count))


def _unit(fields: Nifti1Header) -> int:
    return int(fields["xyzt_units"]) & 7


def _affine(fields: Nifti1Header) -> NDArray[np.float64]:
    try:
        with np.errstate(all="ignore"):
            affine = np.asarray(fields.get_best_affine(), dtype=np.float64)  # type: ignore[no-untyped-call]
            usable = np.isfinite(affine).all() and abs(np.linalg.det(affine[:3, :3])) > 0
    except (HeaderDataError, ValueError, OverflowError):
        usable = False
    if not usable:
        raise VolumeError("has a header without a usable affine")
    return affine


def _scaling(fields: Nifti1Header) -> tuple[float, float]:
    slope, intercept = float(fields["scl_slope"]), float(fields["scl_inter"])
    if slope == 0 or not math.isfinite(slope):
        return 1.0, 0.0
    return slope, intercept if math.isfinite(intercept) else 0.0


def _skip_bytes(fields: Nifti1Header, size_bytes: int) -> int:
    offset = float(fields["vox_offset"])
    # NIfTI-1 allows 0 in old files; it then means "straight after the header and its flag".
    offset = offset or size_bytes + 4
    if not size_bytes <= offset <= size_bytes + _LARGEST_EXTENSION_BYTES:
        raise VolumeError("has a header that points to voxels in an impossible place")
    return int(offset) - size_bytes
