"""Overlap of two masks."""

import numpy as np
from numpy.typing import NDArray


def dice(reference: NDArray[np.bool_], prediction: NDArray[np.bool_]) -> float:
    """Return the Dice similarity coefficient, 2|A and B| / (|A| + |B|) (Dice 1945), 0 to 1.

    Both masks have the same shape. Both empty is full agreement: 1. One empty is 0 by the
    formula itself.
    """
    total = np.count_nonzero(reference) + np.count_nonzero(prediction)
    if total == 0:
        return 1.0
    return float(2.0 * np.count_nonzero(reference & prediction) / total)
