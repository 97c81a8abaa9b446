"""Reads a 3-D volume from a NIfTI file within bounds on file size and voxels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.images.geometry import Geometry
from blueprint.images.nifti import Header, read_header
from blueprint.images.sources import ByteSource, VolumeError, open_source

__all__ = ["Limits", "Volume", "VolumeError", "read_geometry", "read_volume"]


_VALUES_AT_ONCE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much one file may hold before it is refused unread."""

    file_bytes: int = 1024 * 1024 * 1024
    voxels: int = 1024**3


@dataclass(frozen=True, eq=False)
class Volume:
    """The voxels of a 3-D volume and where they lie."""

    data: NDArray[np.generic]
    """Indexed [i, j, k] as NIfTI does; values after the header's scaling."""
    geometry: Geometry


def read_geometry(path: Path, limits: Limits) -> Geometry:
    """Return the grid of a NIfTI file by its header alone; further axes (channels) are ignored.

    Raises:
        VolumeError: The file is no NIfTI file of sensible size.
    """
    with open_source(path, max_file_bytes=limits.file_bytes) as source:
        return read_header(source).geometry


def read_volume(path: Path, limits: Limits, *, shape: tuple[int, int, int] | None = None) -> Volume:
    """Return the 3-D volume in a NIfTI file.

    The header is judged before a voxel is read, so a file that unpacks to terabytes costs
    nothing, and the content must be exactly as long as the header says. Axes of length 1 after
    the third are dropped.

    Args:
        path: A regular file, gzip or not.
        limits: Bounds on the file's size and the number of voxels.
        shape: When given, any other shape is refused before the voxels are read.

    Raises:
        VolumeError: The file is refused; the message says why as the rest of a sentence.
    """
    with open_source(path, max_file_bytes=limits.file_bytes) as source:
        header = read_header(source)
        _check(header, limits, shape)
        source.read_exactly(header.skip_bytes)
        return Volume(_voxels(source, header), header.geometry)


def _check(header: Header, limits: Limits, shape: tuple[int, int, int] | None) -> None:
    found = header.geometry.shape
    check_single(header)
    in_words = " x ".join(str(n) for n in found)
    if shape is not None and found != shape:
        swapped = "; its axes look reversed (NIfTI wants x, y, z)" if found == shape[::-1] else ""
        raise VolumeError(f"has another shape than the image{swapped}", found=in_words)
    check_size(header, limits)


def check_single(header: Header) -> None:
    """Accept a header of one 3-D volume.

    Raises:
        VolumeError: It has more axes, of more than one voxel.
    """
    if header.volumes != 1:
        raise VolumeError("has more than three dimensions: one 3-D volume is expected")


def check_size(header: Header, limits: Limits) -> None:
    """Accept a header that claims no more voxels than `limits` allows, in all volumes.

    Raises:
        VolumeError: It claims more.
    """
    if header.geometry.voxels * header.volumes > limits.voxels:
        in_words = " x ".join(str(n) for n in header.geometry.shape)
        raise VolumeError(f"has more than {limits.voxels} voxels", found=in_words)


def _voxels(source: ByteSource, header: Header) -> NDArray[np.generic]:
    data = _scaled(source.read_exactly(header.data_bytes), header)
    check_end(source)
    return data.reshape(header.geometry.shape, order="F")


def values_of(source: ByteSource, header: Header) -> Iterator[NDArray[np.generic]]:
    """Yield all values of a volume in file order, at most a million at once.

    `source` stands behind the header. Whatever the size of the volume, memory is a few MiB.

    Raises:
        VolumeError: The content is not exactly as long as the header says.
    """
    source.read_exactly(header.skip_bytes)
    left = header.geometry.voxels * header.volumes
    while left:
        count = min(left, _VALUES_AT_ONCE)
        yield _scaled(source.read_exactly(count * header.dtype.itemsize), header)
        left -= count
    check_end(source)


def check_end(source: ByteSource) -> None:
    """Accept a source of which nothing is left.

    Raises:
        VolumeError: Something follows, or the checksum of its gzip data is wrong.
    """
    if not source.is_at_end():
        raise VolumeError("holds more data than its header says")


def _scaled(content: bytearray, header: Header) -> NDArray[np.generic]:
    data = np.frombuffer(content, dtype=header.dtype)
    if (header.slope, header.intercept) == (1.0, 0.0):
        return data
    with np.errstate(all="ignore"):  # an overflow becomes inf, which the reader of labels refuses
        return data * header.slope + header.intercept
