"""Overlap of two masks."""

import numpy as np

from blueprint.metrics.masks import MaskPair


def dice(pair: MaskPair) -> float:
    """Return the Dice similarity coefficient, 2|A and B| / (|A| + |B|) (Dice 1945), 0 to 1.

    Both empty is full agreement: 1. One empty is 0 by the formula itself.
    """
    total = np.count_nonzero(pair.reference) + np.count_nonzero(pair.prediction)
    if total == 0:
        return 1.0
    return float(2.0 * np.count_nonzero(pair.reference & pair.prediction) / total)


def iou(pair: MaskPair) -> float:
    """Return the intersection over union, |A and B| / |A or B| (Jaccard 1912), 0 to 1.

    At least one of the masks has a voxel.
    """
    union = np.count_nonzero(pair.reference | pair.prediction)
    return float(np.count_nonzero(pair.reference & pair.prediction) / union)
