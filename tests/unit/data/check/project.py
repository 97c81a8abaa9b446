"""A challenge with three cases as small as can be, and files that are wrong in one way each."""

import gzip
import struct
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SHAPE = (6, 5, 4)
# Anisotropic, and not the identity: spacing 1 x 1 x 2 mm.
AFFINE = np.array([[-1.0, 0, 0, 30], [0, 1.0, 0, -20], [0, 0, 2.0, 7], [0, 0, 0, 1]])
CASES = ("case-1", "case-2", "case-3")
YAML = """\
version: 1
challenge: {id: tissue, title: Tissue, contact: a@example.org}
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {t1: image, t2: image}
    outputs: {mask: segmentation}
    labels: {1: grey, 2: white}
    ignore: [255]
    cases:
      public: data/test-public
    metrics: [{id: dice}]
phases:
  - {id: first, tasks: [tissue], opens: 2027-06-01, closes: 2027-07-01}
"""


def packed(data: Array, affine: Array = AFFINE, *fields: tuple[int, str, object]) -> bytes:
    """Return a gzipped NIfTI file; `fields` change its header (offset, form, value)."""
    kind: Any = nibabel.Nifti1Image
    image = kind(data, affine, dtype=data.dtype)
    image.header.set_xyzt_units("mm")
    content = bytearray(image.to_bytes())
    for offset, form, value in fields:
        struct.pack_into(form, content, offset, value)
    return gzip.compress(content, mtime=0)


def labels(dtype: str = "u1", shape: tuple[int, ...] = SHAPE) -> Array:
    """Return a mask: 8 voxels of label 1 and 8 of label 2, where the shape has room."""
    data = np.zeros(shape, dtype=dtype)
    data[1:3, 1:3, 1:3] = 1
    data[3:5, 1:3, 1:3] = 2
    return data


def with_value(value: float, dtype: str = "f4") -> Array:
    data = labels(dtype)
    data[0, 0, 0] = value
    return data


def image(seed: int) -> Array:
    """Return voxels that are all different, and different for each seed."""
    return (np.arange(np.prod(SHAPE)).reshape(SHAPE) + 1000 * seed).astype("i2")


def make_project(folder: Path, *, text: str = YAML, cases: tuple[str, ...] = CASES) -> Path:
    """Write a challenge.yaml and its cases; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "challenge.yaml").write_text(text)
    for number, case in enumerate(cases):
        mask = labels()
        mask[0, 0, 0] = 1 + number % 2
        mask[0, 0, 1] = 1 + number // 2 % 2
        for path, content in (
            (f"inputs/{case}/t1.nii.gz", packed(image(2 * number))),
            (f"inputs/{case}/t2.nii.gz", packed(image(2 * number + 1))),
            (f"reference/{case}/mask.nii.gz", packed(mask)),
        ):
            target = folder / "data/test-public" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return folder / "challenge.yaml"
