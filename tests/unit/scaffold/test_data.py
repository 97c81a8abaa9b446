"""The demonstration data is what its notice says: small, disjoint, labelled, partly anisotropic."""

import itertools
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

DATA = Path(__file__).resolve().parents[3] / "blueprint" / "scaffold" / "brain_tissue" / "data"
SPLITS = {"training": 4, "test-public": 8, "test-private": 4}


def cases(split: str) -> list[str]:
    return sorted(folder.name for folder in (DATA / split / "inputs").iterdir())


def every_image() -> list[Path]:
    return sorted(DATA.glob("*/inputs/*/t1.nii.gz"))


def load(path: Path) -> Any:
    return nib.load(path)


def box_mm(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The two corners of an image in the template's space, from the outer faces of its voxels."""
    image = load(path)
    corners = [
        (image.affine @ np.array([*(np.array(pick) * np.array(image.shape) - 0.5), 1.0]))[:3]
        for pick in itertools.product((0, 1), repeat=3)
    ]
    return np.min(corners, axis=0), np.max(corners, axis=0)


@pytest.mark.parametrize(("split", "count"), SPLITS.items())
def test_every_case_has_an_input_and_a_reference(split, count):
    assert len(cases(split)) == count
    for case in cases(split):
        assert (DATA / split / "reference" / case / "mask.nii.gz").is_file()


def test_blocks_are_disjoint():
    boxes = {path: box_mm(path) for path in every_image()}

    for (_, one), (_, two) in itertools.combinations(boxes.items(), 2):
        apart = (one[1] <= two[0] + 1e-6) | (two[1] <= one[0] + 1e-6)
        assert apart.any()


def test_a_block_and_its_mirror_image_are_in_the_same_split():
    # The template is symmetric about x = 0 mm: the mirror of a block shows the same tissue.
    splits: dict[tuple[float, ...], list[str]] = {}
    for path in every_image():
        low, high = box_mm(path)
        from_midline_mm = round(min(abs(low[0]), abs(high[0])))
        place = (from_midline_mm, *np.round(low[1:]))
        splits.setdefault(place, []).append(path.relative_to(DATA).parts[0])

    assert len(splits) == sum(SPLITS.values()) / 2
    assert all(len(found) == 2 and len(set(found)) == 1 for found in splits.values())


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_has_thick_slices(split):
    zooms = [load(path).header.get_zooms() for path in every_image() if split in path.parts]

    assert any(max(zoom) > 2 * min(zoom) for zoom in zooms)


def test_labels_are_background_grey_and_white_on_the_grid_of_the_image():
    for path in every_image():
        image = load(path)
        mask = load(path.parents[2] / "reference" / path.parent.name / "mask.nii.gz")
        values = np.asanyarray(mask.dataobj)
        assert set(np.unique(values)) == {0, 1, 2}
        assert mask.shape == image.shape
        assert np.array_equal(mask.affine, image.affine)
        assert all(np.mean(values == label) > 0.05 for label in (1, 2))


def test_everything_is_at_most_3_mb_and_carries_the_notice():
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) <= 3_000_000
    assert "McConnell Brain Imaging Centre" in (DATA / "training" / "NOTICE.md").read_text()
