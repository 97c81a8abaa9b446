"""What a task measures on every case, as plain values: what the scoring process is sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from blueprint.metrics.specification import WorstName

Flag = Literal["ok", "both-empty", "one-empty", "missing"]
"""Whether the formula made a value (ok), or a policy for empty regions and missing cases."""
MEAN = "mean"
"""The region of a value that is the mean over a measure's regions; none is called so."""
Parameter = str | int | float | bool | None


class Column(NamedTuple):
    """What a value is of: one column of the table team x case."""

    metric: str
    region: str
    """A region's name, or MEAN."""

    @property
    def words(self) -> str:
        """`dice`, or `dice (1)` on one region, for people who know the task."""
        return self.metric if self.region == MEAN else f"{self.metric} ({self.region})"


@dataclass(frozen=True)
class Region:
    """A part of a mask that is judged by itself: the union of some labels."""

    name: str
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Measure:
    """One metric of a task with everything that decides its values."""

    metric: str
    regions: tuple[Region, ...]
    separate: bool = False
    """Each region is a column, or their mean is the only one."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    worst: WorstName | None = None
    """What the organizer declared, for a metric without a worst value of its own."""
    revision: int = 1
    """Of the metric's specification, so that two programs never mix their values."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that this measure fills on every case, in order."""
        if not self.separate:
            return (Column(self.metric, MEAN),)
        return tuple(Column(self.metric, region.name) for region in self.regions)


def columns_of(measures: Iterable[Measure]) -> tuple[Column, ...]:
    """Return the columns of several measures in order."""
    return tuple(column for measure in measures for column in measure.columns)
