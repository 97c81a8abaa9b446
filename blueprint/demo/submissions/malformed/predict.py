"""Segments grey and white matter with two fixed thresholds: the simplest thing that works."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np

GREY_FROM = 130
WHITE_FROM = 190
INPUT = Path("/input")
OUTPUT = Path("/output")


def segment(image: np.ndarray) -> np.ndarray:
    """Return 1 where the T1 intensity is that of grey matter, 2 for white matter, else 0."""
    return np.digitize(image, [GREY_FROM, WHITE_FROM]).astype(np.uint8)


for case in json.loads((INPUT / "cases.json").read_text()):
    scan = nib.load(INPUT / case["files"]["t1"])
    mask = segment(np.asanyarray(scan.dataobj))
    (OUTPUT / case["id"]).mkdir()
    nib.save(nib.Nifti1Image(mask, scan.affine), OUTPUT / case["id"] / "mask.nii.gz")
