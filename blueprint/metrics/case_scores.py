"""Scores one case: every measure of a task, with its policies for empty regions and missing cases.

The only place that loads a metric's function.
"""

import importlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from blueprint.errors import BlueprintError
from blueprint.metrics.measures import MEAN, Column, Flag, Measure, Region
from blueprint.metrics.specification import Ending, MetricSpec, WorstName
from blueprint.metrics.specs import spec_of

_GRAVITY: Mapping[Flag, int] = {"ok": 0, "both-empty": 1, "one-empty": 2, "missing": 3}


class MetricError(BlueprintError):
    """A metric does not keep to its specification: a fault of the program."""


class Subject(Protocol):
    """What a metric's function is given for one region; its kind depends on the problem."""

    @property
    def reference_is_empty(self) -> bool:
        """True when there is nothing of the region in the reference."""

    @property
    def prediction_is_empty(self) -> bool:
        """True when there is nothing of the region in the prediction."""


class Case(Protocol):
    """Reference and prediction of one case; each kind of problem has its own."""

    def subject(self, region: Region) -> Subject | None:
        """Return what there is to compare in a region, None when the case is missing."""

    def worst(self, name: WorstName) -> float:
        """Return a worst value that depends on the case."""


@dataclass(frozen=True)
class Value:
    """One value of one column, and whether a policy made it rather than the formula."""

    value: float
    flag: Flag


def score_case(case: Case, measures: Sequence[Measure]) -> dict[Column, Value]:
    """Return the value of every column of one case, in the order of the measures.

    The mean over regions carries the gravest flag among them.

    Raises:
        MetricError: A function gave no finite number, or was changed since the measure was made.
    """
    judges = [_Judge(measure) for measure in measures]
    # Region by region, so that only the masks of one are held at a time.
    for region in dict.fromkeys(region for measure in measures for region in measure.regions):
        subject = case.subject(region)
        for judge in judges:
            if region in judge.measure.regions:
                judge.judge(case, region, subject)
    return {column: value for judge in judges for column, value in judge.columns()}


@cache
def load_function(compute: str) -> Callable[..., float]:
    """Return the function that a specification names as `package.module:function`."""
    module, _, name = compute.partition(":")
    function: Callable[..., float] = getattr(importlib.import_module(module), name)
    return function


class _Judge:
    """One measure at work on one case."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self._spec = spec_of(measure.metric)
        if measure.revision != self._spec.revision:
            raise MetricError(
                f"{measure.metric} is asked for in revision {measure.revision}, but this program "
                f"has {self._spec.revision}: platform and evaluator need one version"
            )
        settings = self._spec.parameters.model_validate(dict(measure.parameters))
        names = self._spec.parameters.model_fields
        self._settings = {name: getattr(settings, name) for name in names}
        self._values: dict[str, Value] = {}

    def judge(self, case: Case, region: Region, subject: Subject | None) -> None:
        """Find the value of a region."""
        self._values[region.name] = self._value(case, subject)

    def columns(self) -> Iterable[tuple[Column, Value]]:
        """Give every column of the measure with its value."""
        if self.measure.separate:
            for region in self.measure.regions:
                yield Column(self.measure.metric, region.name), self._values[region.name]
            return
        values = [self._values[region.name] for region in self.measure.regions]
        mean = sum(value.value for value in values) / len(values)
        gravest = max((value.flag for value in values), key=_GRAVITY.__getitem__)
        yield Column(self.measure.metric, MEAN), Value(mean, gravest)

    def _value(self, case: Case, subject: Subject | None) -> Value:
        if subject is None:
            return Value(self._end(case, "worst"), "missing")
        policy = self._spec.on_empty
        if subject.reference_is_empty and subject.prediction_is_empty:
            return Value(self._end(case, policy.both), "both-empty")
        if subject.reference_is_empty:
            return Value(self._end(case, policy.reference), "one-empty")
        if subject.prediction_is_empty:
            return Value(self._end(case, policy.prediction), "one-empty")
        return Value(_finite(self._spec, self._compute(subject)), "ok")

    def _compute(self, subject: Any) -> float:  # noqa: ANN401 (its kind depends on the problem)
        return load_function(self._spec.compute)(subject, **self._settings)

    def _end(self, case: Case, ending: Ending) -> float:
        if ending == "best":
            return self._spec.best
        worst = self._spec.worst
        if isinstance(worst, float):
            return worst
        return case.worst(self.measure.worst or worst.choices[0])


def _finite(spec: MetricSpec, value: float) -> float:
    if not math.isfinite(value):
        raise MetricError(f"{spec.compute} gave {value}: a metric's value is always finite")
    return value
