"""A metric of a task: what it may say depends on its specification in the catalogue."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from blueprint.config.model.base import Section
from blueprint.metrics.measures import Measure, Region
from blueprint.metrics.specification import (
    Because,
    Declared,
    MetricSpec,
    Parameters,
    WorstName,
)
from blueprint.metrics.specs import SPECS, spec_of

_UNIT = "what its values are measured in", "the only unit that this metric has"
_WORST = (
    "what a missing case or a region on one side alone counts",
    "only `missing: worst` needs one",
)


class Metric(Section):
    """A metric by its id in the catalogue, with what may be said of every one.

    What is made of a file is one of its variants: one a specification, made below.
    """

    id: str
    labels: Literal["mean", "separate"] = "mean"
    """Per case the mean over labels, or each label as a column."""

    @property
    def spec(self) -> MetricSpec:
        """What the catalogue says about it."""
        return spec_of(self.id)

    @property
    def worst_name(self) -> WorstName | None:
        """The worst value that the organizer declared, None for a metric with one of its own."""
        name: WorstName | None = getattr(self, "worst", None)
        return name

    @property
    def parameters(self) -> Parameters:
        """What the organizer set, or left at its default."""
        known = set(self.spec.parameters.model_fields)
        return self.spec.parameters.model_validate(self.model_dump(include=known))

    def measure(self, regions: tuple[Region, ...]) -> Measure:
        """Return what is computed on every case."""
        return Measure(
            metric=self.id,
            regions=regions,
            separate=self.labels == "separate",
            parameters=self.parameters.model_dump(mode="json"),
            worst=self.worst_name,
            revision=self.spec.revision,
        )


@cache
def variant_of(spec: MetricSpec) -> type[Metric]:
    """Return the kind of `Metric` that has a specification's own keys too."""
    fields: dict[str, Any] = {"id": (Literal[spec.id], ...)}
    for name, info in spec.parameters.model_fields.items():
        fields[name] = (info.annotation, info)
    if spec.unit is not None:
        fields["unit"] = (Literal[spec.unit], _key(spec.unit, *_UNIT))
    if isinstance(spec.worst, Declared):
        fields["worst"] = (Literal[spec.worst.choices] | None, _key(None, *_WORST))
    text = spec.defined(spec.parameters())
    return create_model(f"Metric_{spec.id}", __base__=Metric, __doc__=text, **fields)


def _key(default: object, description: str, reason: str) -> FieldInfo:
    info = FieldInfo(default=default, description=description)
    info.metadata.append(Because(reason))
    return info


if TYPE_CHECKING:
    AnyMetric = Metric
else:
    AnyMetric = Annotated[Union[tuple(map(variant_of, SPECS))], Field(discriminator="id")]  # noqa: UP007
"""A metric with the keys of its own specification."""
