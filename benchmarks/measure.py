"""What a benchmark returns, and how a list of figures is put in one row."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from blueprint.clock import monotonic_s


@dataclass(frozen=True)
class Figure:
    """One row of the table: what was measured, its value, and what it stands beside."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    """The value aimed at (at most), where there is one."""
    beside: dict[str, float] = field(default_factory=dict)
    """Figures of the same run to compare with, in the same unit."""


def timed(action: Callable[[], object]) -> float:
    """Return how many seconds one call took."""
    start = monotonic_s()
    action()
    return monotonic_s() - start


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)
