"""Segments grey and white matter by k-means on smoothed intensities, case by case."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy.ndimage import gaussian_filter

INPUT = Path("/input")
OUTPUT = Path("/output")
SIGMA_MM = 0.7
START = (0.45, 0.7, 0.95)


def cluster_centres(values: np.ndarray, rounds: int = 30) -> np.ndarray:
    """Return three intensity centres (fluid, grey, white) that k-means settles on."""
    centres = np.quantile(values, 0.98) * np.array(START)
    for _ in range(rounds):
        nearest = np.abs(values[:, None] - centres).argmin(axis=1)
        members = [values[nearest == k] for k in range(3)]
        found = [m.mean() if m.size else c for m, c in zip(members, centres, strict=True)]
        if np.allclose(found, centres, atol=0.01):
            break
        centres = np.array(found)
    return np.sort(centres)


def segment(image: np.ndarray, spacing_mm: np.ndarray) -> np.ndarray:
    """Return 1 for grey matter, 2 for white matter, 0 for the rest."""
    smooth = gaussian_filter(image.astype(float), SIGMA_MM / spacing_mm)
    tissue = smooth[smooth > 0.3 * np.quantile(smooth, 0.98)]
    fluid, grey, white = cluster_centres(tissue)
    return np.digitize(smooth, [(fluid + grey) / 2, (grey + white) / 2]).astype(np.uint8)


for case in json.loads((INPUT / "cases.json").read_text()):
    scan = nib.load(INPUT / case["files"]["t1"])
    spacing_mm = np.array(scan.header.get_zooms()[:3])
    mask = segment(np.asanyarray(scan.dataobj), spacing_mm)
    (OUTPUT / case["id"]).mkdir()
    nib.save(nib.Nifti1Image(mask, scan.affine), OUTPUT / case["id"] / "mask.nii.gz")
