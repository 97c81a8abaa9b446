"""NIfTI files in memory, with any bytes of their header changed."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from blueprint.images.volumes import Limits

Array = NDArray[Any]
Put = Callable[..., Path]
Kind = Callable[..., Any]
Change = Sequence[tuple[int, str, object]]
AFFINE = np.array([[0.0, -2.0, 0, 10], [1.5, 0, 0, -20], [0, 0, 3.0, 5], [0, 0, 0, 1]])
LIMITS = Limits(file_bytes=2**20, voxels=10**6)


def nifti_bytes(
    data: Array, affine: Array = AFFINE, kind: Kind = nibabel.Nifti1Image, change: Change = ()
) -> bytes:
    image = kind(data, affine, dtype=data.dtype)
    image.header.set_xyzt_units("mm")
    content = bytearray(image.to_bytes())
    for offset, form, value in change:
        struct.pack_into(form, content, offset, value)
    return bytes(content)


def new_image(data: Array, affine: Array, order: str = "<") -> Any:
    header: Any = nibabel.Nifti1Header
    kind: Any = nibabel.Nifti1Image
    return kind(data, affine, header(endianness=order))


def counted(dtype: str = "uint8", shape: tuple[int, ...] = (4, 5, 6)) -> Array:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)
