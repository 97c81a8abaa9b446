"""Leaves voxels whose reference value is ignored out of every metric."""

from collections.abc import Collection
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Labels = TypeVar("_Labels", bound=NDArray[np.integer])


def leave_out(
    reference: _Labels, prediction: _Labels | None, ignored: Collection[int]
) -> tuple[_Labels, _Labels | None]:
    """Return both masks with background where the reference holds an ignored value.

    No metric counts background, so what a submission says there neither helps nor harms it. For
    distances the edge of the ignored part is as the edge of the volume: beyond it there is no
    mask, neither of the reference nor of the prediction. A reference in which nothing else is
    left is an empty one. The arrays that were passed in are not changed.

    Args:
        reference: Label values.
        prediction: Label values of the same shape, or None when the case is missing.
        ignored: Values of the reference; never 0, and never a label of the task.
    """
    if not ignored:
        return reference, prediction
    left_out = np.isin(reference, sorted(ignored))
    judged = prediction if prediction is None else _emptied(prediction, left_out)
    return _emptied(reference, left_out), judged


def _emptied(mask: _Labels, where: NDArray[np.bool_]) -> _Labels:
    emptied = mask.copy()
    emptied[where] = 0
    return emptied
