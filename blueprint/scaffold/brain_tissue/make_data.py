"""Makes the demonstration data from the MNI152 template: `python make_data.py TARGET_FOLDER`.

The only part of diychallenge that needs nilearn, whose wheel carries the template. The blocks
are disjoint. The template is left-right symmetric, so a block and its mirror image are nearly
the same picture: both always go to the same split, or training would show the test.
"""

import gzip
import hashlib
import itertools
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

SEED = 20090152
BLOCK_MM = 44
MIDLINE = 98
"""Voxel of the template's plane of symmetry (x = 0 mm)."""
PAIRS = {"training": 2, "test-public": 4, "test-private": 2}
COARSE = {"training": {3}, "test-public": {2, 7}, "test-private": {2}}
"""Which cases of a split (counted from 1) have slices 3 mm thick: anisotropic voxels."""
SLICE_MM = 3
LEAST_SHARE = 0.12
"""A block is used when both tissues fill at least this share of it."""

Array = NDArray[np.float64]
Corner = tuple[int, int, int]


@dataclass(frozen=True)
class Template:
    """The T1 image and its label map: 0 background, 1 grey matter, 2 white matter."""

    t1: Array
    labels: NDArray[np.uint8]
    affine: Array


def load_template() -> Template:
    """Return the template; a label is the larger of the two tissue maps where it exceeds 0.5."""
    from nilearn import datasets  # type: ignore[import-not-found]  # noqa: PLC0415

    t1 = datasets.load_mni152_template(resolution=1)
    grey = _unit(datasets.load_mni152_gm_template(resolution=1))
    white = _unit(datasets.load_mni152_wm_template(resolution=1))
    stronger = np.where(white > grey, 2, 1)
    labels = np.where(np.maximum(grey, white) > 0.5, stronger, 0).astype(np.uint8)  # noqa: PLR2004
    return Template(255 * _unit(t1), labels, np.asarray(t1.affine, dtype=np.float64))


def _unit(image: "nib.Nifti1Image") -> Array:
    values = np.asarray(image.get_fdata(), dtype=np.float64)
    return np.asarray(values / values.max())


def block_pairs(labels: NDArray[np.uint8]) -> list[tuple[Corner, Corner]]:
    """Return the corners of every usable block and of its mirror image, in voxels."""
    pairs = []
    for x, y, z in itertools.product(
        range(0, MIDLINE, BLOCK_MM),
        range(20, labels.shape[1] - BLOCK_MM, BLOCK_MM),
        range(6, labels.shape[2] - BLOCK_MM, BLOCK_MM),
    ):
        right = (MIDLINE + 1 + x, y, z)
        left = (MIDLINE - x - BLOCK_MM, y, z)
        inside = left[0] >= 0 and right[0] + BLOCK_MM <= labels.shape[0]
        if inside and all(_is_usable(labels[_box(corner)]) for corner in (left, right)):
            pairs.append((left, right))
    return pairs


def _box(corner: Corner) -> tuple[slice, slice, slice]:
    x, y, z = (slice(start, start + BLOCK_MM) for start in corner)
    return x, y, z


def _is_usable(block: NDArray[np.uint8]) -> bool:
    return all(np.mean(block == label) >= LEAST_SHARE for label in (1, 2))


def degrade(block: Array, generator: np.random.Generator) -> Array:
    """Return the block with a smooth multiplicative bias field and Rician noise, as a scan has."""
    axes = np.meshgrid(*(np.linspace(-1, 1, size) for size in block.shape), indexing="ij")
    slopes = generator.uniform(-0.16, 0.16, size=3)
    bow = generator.uniform(-0.10, 0.10)
    field = 1 + sum(slope * axis for slope, axis in zip(slopes, axes, strict=True))
    field = field + bow * sum(axis**2 for axis in axes) / 3
    sigma = generator.uniform(4.0, 9.0)
    real, imaginary = generator.normal(0, sigma, size=(2, *block.shape))
    gain = generator.uniform(0.85, 1.1)
    return np.asarray(np.hypot(gain * block * field + real, imaginary))


def thick_slices(block: Array, labels: NDArray[np.uint8]) -> tuple[Array, NDArray[np.uint8]]:
    """Return image and labels with slices of SLICE_MM: image averaged, labels by majority."""
    depth = block.shape[2] // SLICE_MM * SLICE_MM
    slabs = (*block.shape[:2], depth // SLICE_MM, SLICE_MM)
    votes = np.stack([(labels[:, :, :depth].reshape(slabs) == k).sum(axis=3) for k in range(3)])
    return block[:, :, :depth].reshape(slabs).mean(axis=3), votes.argmax(axis=0).astype(np.uint8)


def save(path: Path, values: NDArray[np.uint8], affine: Array) -> None:
    """Write a NIfTI file whose bytes depend on its content alone (no time in the gzip header)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(values, affine)  # type: ignore[no-untyped-call]
    image.header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
    buffer = BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(image.to_bytes())
    path.write_bytes(buffer.getvalue())


def make_case(template: Template, corner: Corner, folder: Path, name: str) -> None:
    """Write one case: `inputs/<name>/t1.nii.gz` and `reference/<name>/mask.nii.gz`."""
    split, number = folder.name, int(name.rsplit("-", 1)[1])
    digest = hashlib.sha256(f"{split}/{name}".encode()).digest()
    generator = np.random.default_rng([SEED, int.from_bytes(digest[:4], "big")])  # noqa: TID251
    box = _box(corner)
    labels = template.labels[box]
    affine = template.affine.copy()
    affine[:3, 3] = (template.affine @ np.array([*corner, 1.0]))[:3]
    image = template.t1[box]
    if number in COARSE[split]:
        image, labels = thick_slices(image, labels)
        affine[:3, 3] += affine[:3, 2] * (SLICE_MM - 1) / 2
        affine[:3, 2] *= SLICE_MM
    noisy = np.clip(np.rint(degrade(image, generator)), 0, 255).astype(np.uint8)
    save(folder / "inputs" / name / "t1.nii.gz", noisy, affine)
    save(folder / "reference" / name / "mask.nii.gz", labels, affine)


def main(target: Path) -> None:
    """Write the three splits below `target`."""
    template = load_template()
    pairs = block_pairs(template.labels)
    order = np.random.default_rng(SEED).permutation(len(pairs))  # noqa: TID251
    shuffled = iter([pairs[index] for index in order])
    for split, count in PAIRS.items():
        corners = [corner for _ in range(count) for corner in next(shuffled)]
        for number, corner in enumerate(corners, start=1):
            prefix = {"training": "train", "test-public": "public", "test-private": "private"}
            make_case(template, corner, target / split, f"{prefix[split]}-{number:02d}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
