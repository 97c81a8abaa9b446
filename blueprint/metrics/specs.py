"""The catalogue: one entry a metric, and nothing else anywhere that knows them by name."""

from typing import Annotated, Literal

from pydantic import Field

from blueprint.metrics.specification import (
    Because,
    Bounds,
    Declared,
    MetricSpec,
    Parameters,
    Problem,
)


class Hd95Parameters(Parameters):
    """Libraries disagree on what the 95th percentile is taken of, by up to 13 %."""

    definition: Annotated[
        Literal["max-directed", "pooled"],
        Field(description="which of the definitions in use"),
        Because("as MetricsReloaded and MONAI have it"),
    ] = "max-directed"

    def words(self) -> dict[str, str]:
        """Return the definition as the end of a sentence."""
        ends = {
            "max-directed": "and the larger of the two directions (definition max-directed)",
            "pooled": "the distances of both directions taken together (definition pooled)",
        }
        return {"definition": ends[self.definition]}


SPECS: tuple[MetricSpec, ...] = (
    MetricSpec(
        id="dice",
        title="Dice",
        problems=("semantic-segmentation",),
        compute="blueprint.metrics.overlap:dice",
        higher_is_better=True,
        bounds=Bounds(0.0, 1.0),
        worst=0.0,
        decimals=3,
        definition="Overlap of the submitted and the reference mask, 2|A∩B| / (|A| + |B|): 1 is a "
        "perfect match, 0 is none.",
        source="Dice 1945, Measures of the amount of ecologic association between species",
    ),
    MetricSpec(
        id="iou",
        title="IoU",
        problems=("semantic-segmentation",),
        compute="blueprint.metrics.overlap:iou",
        higher_is_better=True,
        bounds=Bounds(0.0, 1.0),
        worst=0.0,
        decimals=3,
        definition="Intersection over union of the submitted and the reference mask, "
        "|A∩B| / (|A| + |B| - |A∩B|): 1 is a perfect match, 0 is none.",
        source="Jaccard 1912, The distribution of the flora in the alpine zone",
    ),
    MetricSpec(
        id="hd95",
        title="HD95",
        problems=("semantic-segmentation",),
        compute="blueprint.metrics.surface:hd95_mm",
        higher_is_better=False,
        unit="mm",
        bounds=Bounds(low=0.0),
        worst=Declared(("diagonal",)),
        decimals=2,
        parameters=Hd95Parameters,
        definition="95th percentile of the distances, in millimetres at the case's own voxel "
        "spacing, from the border voxels of one mask to the nearest border voxel of the other, "
        "{definition}.",
        source="Maier-Hein et al. 2024, Metrics Reloaded",
    ),
)
"""In the order in which pages and messages list them."""


def spec_of(metric: str) -> MetricSpec:
    """Return the specification of a metric (KeyError when there is none)."""
    return {spec.id: spec for spec in SPECS}[metric]


def specs_for(problem: Problem) -> tuple[MetricSpec, ...]:
    """Return the metrics that fit a kind of task."""
    return tuple(spec for spec in SPECS if problem in spec.problems)
