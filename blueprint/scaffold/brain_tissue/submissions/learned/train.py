"""Learns mean and covariance of each class: `python train.py TRAINING_FOLDER` writes a model."""

import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from features import features


def main(training: Path) -> None:
    """Read every training case and write the model beside this file."""
    samples, labels = [], []
    for image_path in sorted(training.glob("inputs/*/t1.nii.gz")):
        scan = nib.load(image_path)
        spacing_mm = np.array(scan.header.get_zooms()[:3])
        reference = nib.load(training / "reference" / image_path.parent.name / "mask.nii.gz")
        samples.append(features(np.asanyarray(scan.dataobj), spacing_mm))
        labels.append(np.asanyarray(reference.dataobj).ravel())
    x, y = np.concatenate(samples), np.concatenate(labels)
    model = [
        {
            "prior": float(np.mean(y == k)),
            "mean": x[y == k].mean(axis=0).tolist(),
            "covariance": np.cov(x[y == k], rowvar=False).tolist(),
        }
        for k in range(3)
    ]
    Path(__file__).with_name("model.json").write_text(json.dumps(model, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
