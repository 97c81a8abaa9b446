"""Runs at home: `python make.py IMAGES_FOLDER PREDICTIONS_FOLDER` thresholds by Otsu, twice."""

import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy.ndimage import gaussian_filter


def otsu(values: np.ndarray, bins: int = 128) -> float:
    """Return the threshold with the greatest variance between the two sides (Otsu 1979)."""
    counts, edges = np.histogram(values, bins)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum(counts * middles)
    mean_below = sums[:-1] / np.maximum(below, 1)
    mean_above = (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    return float(edges[1:-1][np.argmax(below * above * (mean_above - mean_below) ** 2)])


def main(images: Path, predictions: Path) -> None:
    """Segment every image; the masks lie where a submission of predictions has them."""
    for path in sorted(images.glob("*/t1.nii.gz")):
        scan = nib.load(path)
        spacing_mm = np.array(scan.header.get_zooms()[:3])
        image = gaussian_filter(np.asanyarray(scan.dataobj).astype(float), 0.6 / spacing_mm)
        low = otsu(image)
        mask = np.digitize(image, [low, otsu(image[image > low])]).astype(np.uint8)
        (predictions / path.parent.name).mkdir(parents=True)
        nib.save(nib.Nifti1Image(mask, scan.affine), predictions / path.parent.name / "mask.nii.gz")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
