"""A numeric axis: its range, its round ticks, and where a value lies on it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from blueprint.metrics.specification import UNBOUNDED, Bounds

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` lie between the pixels `left` and `right`."""

    low: float
    high: float
    ticks: tuple[float, ...]
    """The round values that are labelled, ascending."""
    left: float
    right: float

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.left + share * (self.right - self.left), 1)

    def text(self, tick: float) -> str:
        """Return the label of a tick, with as many digits as all ticks need."""
        step = min(b - a for a, b in pairwise(self.ticks)) if len(self.ticks) > 1 else 1.0
        exact = (n for n in range(12) if all(abs(round(t, n) - t) < step / 1e6 for t in self.ticks))
        return f"{tick:.{next(exact, 12)}f}"


def axis_of(
    values: Iterable[float],
    *,
    left: float,
    right: float,
    bounds: Bounds = UNBOUNDED,
) -> Axis:
    """Return an axis with about five round ticks that holds all values.

    Args:
        values: At least one, all finite.
        left: The pixel of the low end.
        right: The pixel of the high end.
        bounds: What the values can be at all (from 0 to 1 for Dice): no tick lies outside.
    """
    known = list(values)
    low, high = min(known), max(known)
    if high - low <= 1e-9 * max(1.0, abs(high)):
        margin = max(abs(high) * 0.05, 0.05)
        low, high = low - margin, high + margin
    step = _round_step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [index * step for index in range(first, last + 1)]
    if bounds.low is not None:
        ticks = [tick for tick in ticks if tick >= bounds.low - step / 1e6] or [bounds.low]
    if bounds.high is not None:
        ticks = [tick for tick in ticks if tick <= bounds.high + step / 1e6] or [bounds.high]
    return Axis(min(ticks[0], *known), max(ticks[-1], *known), tuple(ticks), left, right)


def rank_axis(teams: int, *, left: float, right: float) -> Axis:
    """Return an axis of ranks from 1 to `teams`, of which about a dozen are labelled."""
    step = next((n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500) if n * 12 >= teams), teams)
    ticks = dict.fromkeys((1.0, *(float(rank) for rank in range(step, teams + 1, step))))
    return Axis(1.0, float(teams), tuple(ticks), left, right)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(step for step in _STEPS if step * power >= rough * (1 - 1e-9)) * power)
