"""What is asked of an algorithm, and how its answers are judged."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag

from blueprint.config.model.base import NAME, UNIT, FolderPath, Line, Section, Slug
from blueprint.config.model.metric import AnyMetric
from blueprint.metrics.measures import Measure, Region
from blueprint.metrics.specification import Problem

Split = Literal["public", "private"]
Name = Annotated[str, StringConstraints(pattern=NAME)]
LabelValue = Annotated[int, Field(strict=True, ge=1, le=65_535)]


def _not_background(value: object) -> object:
    if value == 0:
        raise ValueError(
            "is background, which is always judged: left out, whatever a submission marks "
            "beside the labels would cost it nothing"
        )
    return value


RegionLabels = Annotated[tuple[LabelValue, ...], Field(min_length=1, max_length=1000)]
IgnoredValue = Annotated[LabelValue, BeforeValidator(_not_background)]


class Cases(Section):
    """Where test cases lie: `inputs/<case>/<input>.nii.gz`, `reference/<case>/<output>.nii.gz`."""

    public: FolderPath
    private: FolderPath | None = None
    unit: Annotated[str, StringConstraints(pattern=UNIT)] = "case"
    """What one case is: the unit that the bootstrap resamples."""


class RankStep(Section):
    """One step of a ranking scheme over the score table team x case x region x metric."""

    op: Literal["mean", "rank"]
    over: tuple[Literal["case", "metric"], ...] = ()
    """mean: the columns that are averaged away."""
    within: tuple[Literal["case", "metric"], ...] = ()
    """rank: the columns that stay fixed while teams are ranked."""
    ties: Literal["min", "mean"] = "mean"


def _ranking_form(value: object) -> str:
    return "preset" if isinstance(value, str) else "steps"


Ranking = Annotated[
    Annotated[Literal["per-case-ranks", "mean-of-ranks"], Tag("preset")]
    | Annotated[tuple[RankStep, ...], Field(min_length=1, max_length=20), Tag("steps")],
    Discriminator(_ranking_form),
]
"""A preset by its name, or a list of steps. The tags keep faults to the form that was meant."""


class Uncertainty(Section):
    """How often the cases are resampled, and from which seed."""

    bootstrap: Annotated[int, Field(strict=True, ge=100, le=100_000)] = 1000
    seed: Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)] = 1


class Task(Section):
    """One question to the algorithms, with its cases, metrics and ranking."""

    id: Slug
    title: Line
    problem: Problem
    inputs: Annotated[dict[Name, Literal["image"]], Field(min_length=1, max_length=16)]
    outputs: Annotated[dict[Name, Literal["segmentation"]], Field(min_length=1, max_length=1)]
    labels: Annotated[
        dict[LabelValue, Line],
        Field(
            min_length=1,
            max_length=1000,
            json_schema_extra={"propertyNames": {"pattern": "^[1-9][0-9]{0,4}$"}},
        ),
    ]
    """Label value in the mask to its name; 0 is background."""
    regions: Annotated[dict[Slug, RegionLabels], Field(max_length=100, default_factory=dict)]
    """Name to the labels whose union is judged by itself; empty: each label by itself."""
    ignore: Annotated[tuple[IgnoredValue, ...], Field(max_length=100)] = ()
    """Values of a reference whose voxels no metric looks at."""
    cases: Cases
    metrics: Annotated[tuple[AnyMetric, ...], Field(min_length=1, max_length=16)]
    missing: Literal["worst"] = "worst"
    ranking: Ranking = "per-case-ranks"
    uncertainty: Uncertainty = Uncertainty()

    @property
    def output(self) -> str:
        """The name of the task's one output."""
        return next(iter(self.outputs))

    @property
    def judged(self) -> tuple[Region, ...]:
        """The regions in force: those that are named, else each label, called by its value."""
        if self.regions:
            named = self.regions.items()
            return tuple(Region(name, tuple(sorted(labels))) for name, labels in named)
        return tuple(Region(str(label), (label,)) for label in sorted(self.labels))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What is computed on every case, in the order of the metrics."""
        return tuple(metric.measure(self.judged) for metric in self.metrics)

    def region_title(self, region: str) -> str:
        """Return a region's name as people read it: its own, or that of its label."""
        if region in self.regions:
            return region.replace("-", " ")
        return self.labels[int(region)]
