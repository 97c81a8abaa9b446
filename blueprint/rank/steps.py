"""The two steps that ranking schemes are made of: averaging, and ranking teams."""

from typing import Literal

import numpy as np

from blueprint.rank.table import Array

Ties = Literal["min", "mean"]
_ROUNDING = 1e-12


def rounding_of(averages: Array) -> float:
    """Return the distance below which two averages differ by float rounding alone."""
    return _ROUNDING * max(1.0, float(np.abs(averages).max(initial=0.0)))


def rank_teams(losses: Array, *, axis: int, ties: Ties, tolerance: float = 0.0) -> Array:
    """Return the ranks along `axis`, 1.0 for the smallest value.

    Args:
        losses: Smaller is better; any shape.
        axis: The axis that holds the teams; every other position is ranked for itself.
        ties: Equal values share the best of the ranks they occupy (`min`) or the mean of them,
            so that the ranks always add up to n (n + 1) / 2 (`mean`).
        tolerance: Neighbours no further apart than this are equal. 0 for scores as measured.
    """
    values = np.moveaxis(losses, axis, -1)
    order = np.argsort(values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    count = values.shape[-1]
    positions = np.broadcast_to(np.arange(count), values.shape)
    starts = np.ones(values.shape, dtype=bool)
    starts[..., 1:] = np.diff(ordered, axis=-1) > tolerance
    first = np.maximum.accumulate(np.where(starts, positions, 0), axis=-1)
    ranks = first + 1.0
    if ties == "mean":
        ends = np.ones(values.shape, dtype=bool)
        ends[..., :-1] = starts[..., 1:]
        backwards = np.where(ends, positions, count)[..., ::-1]
        last = np.minimum.accumulate(backwards, axis=-1)[..., ::-1]
        ranks = (first + last) / 2.0 + 1.0
    result = np.empty(values.shape)
    np.put_along_axis(result, order, ranks, axis=-1)
    return np.moveaxis(result, -1, axis)


def bound_ranks(low: Array, high: Array) -> tuple[Array, Array]:
    """Return the best and worst rank of every team (axis 0) whose value lies in [low, high].

    A team is certainly better than another when its `high` is below the other's `low`.
    """
    better = high[:, None, ...] < low[None, :, ...] - rounding_of(low)
    certainly_better = better.sum(axis=0)
    certainly_worse = better.sum(axis=1)
    return certainly_better + 1.0, low.shape[0] - certainly_worse.astype(np.float64)
