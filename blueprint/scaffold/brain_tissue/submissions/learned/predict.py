"""Segments grey and white matter with the quadratic discriminants that train.py learned."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np
from features import features

INPUT = Path("/input")
OUTPUT = Path("/output")
MODEL = json.loads(Path(__file__).with_name("model.json").read_text())


def log_posterior(x: np.ndarray, tissue: dict) -> np.ndarray:
    """Return the log posterior, up to a constant, of one class for every row of x."""
    centred = x - np.array(tissue["mean"])
    covariance = np.array(tissue["covariance"])
    distance = np.einsum("ij,jk,ik->i", centred, np.linalg.inv(covariance), centred)
    return np.log(tissue["prior"]) - 0.5 * (distance + np.linalg.slogdet(covariance)[1])


for case in json.loads((INPUT / "cases.json").read_text()):
    scan = nib.load(INPUT / case["files"]["t1"])
    x = features(np.asanyarray(scan.dataobj), np.array(scan.header.get_zooms()[:3]))
    votes = np.stack([log_posterior(x, tissue) for tissue in MODEL])
    mask = votes.argmax(axis=0).reshape(scan.shape).astype(np.uint8)
    (OUTPUT / case["id"]).mkdir()
    nib.save(nib.Nifti1Image(mask, scan.affine), OUTPUT / case["id"] / "mask.nii.gz")
