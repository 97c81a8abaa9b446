"""What holds for every metric of the catalogue, whatever its formula is."""

import importlib
import inspect
import itertools
import math
import re
from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.config.later import LATER_VALUES
from blueprint.config.model import Task
from blueprint.metrics.case_scores import load_function, score_case
from blueprint.metrics.masks import MaskPair, SegmentedCase
from blueprint.metrics.measures import MEAN, Measure, Region
from blueprint.metrics.problems import PROBLEMS
from blueprint.metrics.specification import Because, Declared, MetricSpec, Parameters
from blueprint.metrics.specs import SPECS, spec_of
from blueprint.publish.columns import columns_of, definition, missing_words

Mask = NDArray[Any]
SPACING_MM = (0.8, 1.0, 2.5)
SHAPE = (7, 6, 5)
REGION = Region("1", (1,))
RESERVED = {"id", "labels", "unit", "worst", "output"}
EVERY = [pytest.param(spec, id=spec.id) for spec in SPECS]


def blob(*centre: int, radius: float = 1.8) -> Mask:
    axes = np.indices(SHAPE)
    squares = [(axis - at) ** 2 for axis, at in zip(axes, centre, strict=True)]
    return np.asarray(np.sum(squares, axis=0) <= radius**2)


def noise(seed: int, share: float) -> Mask:
    return np.random.default_rng(seed).random(SHAPE) < share


FULL, EMPTY = np.ones(SHAPE, dtype=bool), np.zeros(SHAPE, dtype=bool)
FILLED = {
    "a ball": blob(3, 3, 2),
    "a shifted ball": blob(4, 3, 2),
    "a ball at the border": blob(0, 5, 4),
    "one voxel": blob(6, 0, 0, radius=0),
    "another voxel": blob(0, 5, 4, radius=0),
    "everything": FULL,
    "sparse noise": noise(1, 0.05),
    "dense noise": noise(2, 0.8),
}
PAIRS = list(itertools.product(FILLED, repeat=2))


def settings_of(spec: MetricSpec) -> Iterator[Parameters]:
    """Give the parameters at their defaults, and with each value that is listed."""
    listed: dict[str, tuple[object, ...]] = {
        name: get_args(info.annotation) or (info.default,)
        for name, info in spec.parameters.model_fields.items()
    }
    for values in itertools.product(*listed.values()):
        yield spec.parameters.model_validate(dict(zip(listed, values, strict=True)))


def measures_of(spec: MetricSpec) -> Iterator[Measure]:
    choices = spec.worst.choices if isinstance(spec.worst, Declared) else (None,)
    for settings, worst in itertools.product(settings_of(spec), choices):
        parameters = settings.model_dump(mode="json")
        yield Measure(spec.id, (REGION,), True, parameters, worst, spec.revision)


def value_of(measure: Measure, reference: Mask, prediction: Mask | None) -> tuple[float, str]:
    labels = None if prediction is None else prediction.astype(np.uint16)
    case = SegmentedCase(reference.astype(np.uint16), labels, SPACING_MM)
    (value,) = score_case(case, [measure]).values()
    return value.value, value.flag


def is_worse(spec: MetricSpec, value: float, other: float) -> bool:
    return value < other if spec.higher_is_better else value > other


def task_with(spec: MetricSpec, **settings: object) -> Task:
    worst = {"worst": spec.worst.choices[0]} if isinstance(spec.worst, Declared) else {}
    return Task.model_validate({
        "id": "tissue", "title": "Tissue", "problem": spec.problems[0], "inputs": {"t1": "image"},
        "outputs": {"mask": "segmentation"}, "labels": {1: "grey matter", 2: "white matter"},
        "cases": {"public": "public"}, "metrics": [{"id": spec.id, **worst, **settings}],
    })  # fmt: skip


def test_ids_are_unique_and_fit_the_tables():
    ids = [spec.id for spec in SPECS]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,38}", one) for one in ids)
    assert [spec_of(one) for one in ids] == list(SPECS)


@pytest.mark.parametrize("spec", EVERY)
def test_the_function_takes_what_its_problem_gives_and_its_parameters_by_name(spec: MetricSpec):
    first, *others = inspect.signature(load_function(spec.compute)).parameters.values()

    for problem in spec.problems:
        module, _, name = PROBLEMS[problem].subject.partition(":")
        assert issubclass(getattr(importlib.import_module(module), name), first.annotation)
    fields = spec.parameters.model_fields
    assert [other.name for other in others] == list(fields)
    assert all(other.kind is inspect.Parameter.KEYWORD_ONLY for other in others)
    assert [other.default for other in others] == [info.default for info in fields.values()]


@pytest.mark.parametrize("spec", EVERY)
def test_every_parameter_has_a_default_its_reason_and_a_meaning(spec: MetricSpec):
    for name, info in spec.parameters.model_fields.items():
        assert name not in RESERVED
        assert not info.is_required()
        assert info.description
        assert [mark for mark in info.metadata if isinstance(mark, Because) and mark.reason]


@pytest.mark.parametrize("spec", EVERY)
def test_values_are_finite_within_the_bounds_and_never_worse_than_the_worst(spec: MetricSpec):
    low = -math.inf if spec.bounds.low is None else spec.bounds.low
    high = math.inf if spec.bounds.high is None else spec.bounds.high
    for measure in measures_of(spec):
        worst, _ = value_of(measure, FULL, None)
        for one, other in PAIRS:
            value, flag = value_of(measure, FILLED[one], FILLED[other])
            assert flag == "ok"
            assert math.isfinite(value)
            assert low <= value <= high, (one, other)
            assert not is_worse(spec, value, worst), (one, other)


@pytest.mark.parametrize("spec", EVERY)
def test_a_perfect_prediction_is_the_best_and_a_poor_one_is_worse(spec: MetricSpec):
    for measure in measures_of(spec):
        for name, mask in FILLED.items():
            assert value_of(measure, mask, mask) == (spec.best, "ok"), name
        shifted, _ = value_of(measure, FILLED["a ball"], FILLED["a shifted ball"])
        lost, _ = value_of(measure, FILLED["one voxel"], FILLED["another voxel"])
        assert is_worse(spec, shifted, spec.best)
        assert is_worse(spec, lost, shifted)


@pytest.mark.parametrize("spec", EVERY)
def test_empty_regions_and_missing_cases_count_what_the_policy_says(spec: MetricSpec):
    for measure in measures_of(spec):
        ball = FILLED["a ball"]
        worst, flag = value_of(measure, ball, None)
        ends = {"best": spec.best, "worst": worst}
        policy = spec.on_empty

        assert flag == "missing"
        assert value_of(measure, EMPTY, None) == (worst, "missing")
        assert value_of(measure, EMPTY, EMPTY) == (ends[policy.both], "both-empty")
        assert value_of(measure, EMPTY, ball) == (ends[policy.reference], "one-empty")
        assert value_of(measure, ball, EMPTY) == (ends[policy.prediction], "one-empty")


@pytest.mark.parametrize("spec", EVERY)
def test_the_function_changes_nothing_that_it_is_given(spec: MetricSpec):
    reference, prediction = FILLED["a ball"].copy(), FILLED["dense noise"].copy()

    load_function(spec.compute)(MaskPair(reference, prediction, SPACING_MM))

    assert (reference == FILLED["a ball"]).all()
    assert (prediction == FILLED["dense noise"]).all()


@pytest.mark.parametrize("spec", EVERY)
@pytest.mark.parametrize("labels", ["mean", "separate"])
def test_pages_say_what_it_is(spec: MetricSpec, labels: str):
    for settings in settings_of(spec):
        task = task_with(spec, labels=labels, **settings.model_dump(mode="json"))
        text = definition(task.metrics[0], task)

        assert spec.source
        assert not re.search(r"[{}]|None", text + missing_words(task))
        assert "grey matter, white matter" in text
        assert re.search(r"Both \w+ empty: .+\. ", text)
        regions = [MEAN] if labels == "mean" else ["1", "2"]
        assert [column.of for column in columns_of(task)] == [(spec.id, one) for one in regions]
        assert all(spec.title in column.name for column in columns_of(task))


def test_no_metric_of_the_catalogue_is_called_a_later_one():
    later = LATER_VALUES["tasks", "*", "metrics", "*", "id"]

    assert not set(later) & {spec.id for spec in SPECS}
