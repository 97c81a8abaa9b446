"""The features of a voxel that training and prediction share."""

import numpy as np
from scipy.ndimage import gaussian_filter


def features(image: np.ndarray, spacing_mm: np.ndarray) -> np.ndarray:
    """Return an array (voxels, 5): intensities at several scales, free of gain and bias field."""
    values = image.astype(float)
    bright = values > 0.6 * np.quantile(values, 0.98)
    weight = gaussian_filter(bright.astype(float), 14 / spacing_mm) + 1e-6
    field = gaussian_filter(values * bright, 14 / spacing_mm) / weight
    flat = values / np.maximum(field, 1.0)
    flat = flat / np.quantile(flat, 0.95)
    scales = [gaussian_filter(flat, sigma / spacing_mm) for sigma in (0.5, 0.9, 1.8, 4.0)]
    return np.stack([flat, *scales], axis=-1).reshape(-1, 5)
