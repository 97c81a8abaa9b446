"""What a metric says about itself: everything that others must know but its formula."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

Problem = Literal["semantic-segmentation"]
"""The kinds of task. The kind decides what a metric's function is given (`metrics.problems`)."""
WorstName = Literal["diagonal"]
"""Worst values that depend on the case; `metrics.problems` puts them into words."""
Ending = Literal["best", "worst"]


class Parameters(BaseModel):
    """What an organizer may set on a metric: its fields are keys of challenge.yaml.

    Every field has a default, a description and a `Because`, and reaches the metric's function as
    a keyword argument of the same name. A metric without settings uses this class itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    def words(self) -> Mapping[str, str]:
        """Return what stands in for `{name}` in the metric's definition, by name."""
        return {name: str(value) for name, value in self.model_dump(mode="json").items()}


@dataclass(frozen=True)
class Because:
    """Why the default of a parameter is what it is: `Annotated[..., Because("...")]`."""

    reason: str


@dataclass(frozen=True)
class Bounds:
    """The values that a metric can take; None is no bound on that side."""

    low: float | None = None
    high: float | None = None


UNBOUNDED = Bounds()


@dataclass(frozen=True)
class OnEmpty:
    """What a region counts that is empty in the reference, in the prediction, or in both.

    The formula is only asked where neither is.
    """

    both: Ending = "best"
    reference: Ending = "worst"
    prediction: Ending = "worst"


@dataclass(frozen=True)
class Declared:
    """The metric has no worst value of its own: the organizer chooses one of these."""

    choices: tuple[WorstName, ...]


@dataclass(frozen=True)
class MetricSpec:
    """A metric, but for its formula."""

    id: str
    """As challenge.yaml and the score rows name it."""
    title: str
    """As people read it."""
    problems: tuple[Problem, ...]
    """The kinds of task that it fits."""
    compute: str
    """`package.module:function`, loaded only where scores are made. It gets what the problem
    gives it and the parameters by name, and returns a finite number."""
    higher_is_better: bool
    bounds: Bounds
    worst: float | Declared
    """What a missing case counts, and what `on_empty` calls worst: no value is worse."""
    decimals: int
    """How many digits after the point a page shows."""
    definition: str
    """One or two sentences for the page; `{name}` stands for the words of a parameter."""
    source: str
    """The paper or specification that the formula is taken from."""
    unit: str | None = None
    on_empty: OnEmpty = field(default_factory=OnEmpty)
    parameters: type[Parameters] = Parameters
    revision: int = 1
    """Raised by every change of the function that changes a result."""

    def __post_init__(self) -> None:
        endings = (self.on_empty.both, self.on_empty.reference, self.on_empty.prediction)
        if "best" in endings and self._end(best=True) is None:
            raise ValueError(f"{self.id}: an empty region cannot be best without a bound")
        if isinstance(self.worst, float) and self._end(best=False) not in (None, self.worst):
            raise ValueError(f"{self.id}: the worst value is not the bound on its bad side")

    def defined(self, parameters: Parameters) -> str:
        """Return the definition with the words of these parameters in it."""
        return self.definition.format_map(parameters.words())

    @property
    def best(self) -> float:
        """The best value that there is.

        Raises:
            ValueError: The metric has no bound on its good side.
        """
        found = self._end(best=True)
        if found is None:
            raise ValueError(f"{self.id} has no best value")
        return found

    def _end(self, *, best: bool) -> float | None:
        return self.bounds.high if self.higher_is_better is best else self.bounds.low
