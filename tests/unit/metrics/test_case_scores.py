"""Scores of a case: columns, regions, and the policy for empty masks and missing cases."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.metrics import specs
from blueprint.metrics.case_scores import MetricError, Value, score_case
from blueprint.metrics.masks import SegmentedCase
from blueprint.metrics.measures import Measure, Region, columns_of

Array = NDArray[Any]
EACH = (Region("1", (1,)), Region("2", (2,)))
# 3 x 4 x 6 voxels of 1 x 1 x 2 mm: the diagonal is sqrt(9 + 16 + 144) = 13 mm.
SHAPE, SPACING_MM, DIAGONAL_MM = (3, 4, 6), (1.0, 1.0, 2.0), 13.0


def approx(value: float) -> Any:
    return pytest.approx(value)


def mask(**places: list[tuple[int, ...]]) -> Array:
    labels = np.zeros(SHAPE, dtype=np.uint16)
    for name, voxels in places.items():
        for voxel in voxels:
            labels[voxel] = int(name.removeprefix("label"))
    return labels


def measures(regions: tuple[Region, ...], *, separate: bool) -> list[Measure]:
    return [
        Measure("dice", regions, separate),
        Measure("hd95", regions, separate, worst="diagonal"),
    ]


def scores(
    reference: Array, prediction: Array | None, regions: tuple[Region, ...] = EACH
) -> dict[tuple[str, str], Value]:
    """Return the values with a column for each region."""
    case = SegmentedCase(reference, prediction, SPACING_MM)
    found = score_case(case, measures(regions, separate=True))
    return {(column.metric, column.region): value for column, value in found.items()}


def means(
    reference: Array, prediction: Array | None, regions: tuple[Region, ...] = EACH
) -> dict[tuple[str, str], Value]:
    """Return the values with one column a metric."""
    case = SegmentedCase(reference, prediction, SPACING_MM)
    found = score_case(case, measures(regions, separate=False))
    return {(column.metric, column.region): value for column, value in found.items()}


def test_each_region_is_a_column_when_separate() -> None:
    reference = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1), (1, 1, 2)])
    prediction = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1)])

    # Label 2: Dice 2 x 1 / 3. Distances 0 and 2 mm one way: 95 % of the way from 0 to 2 is 1.9.
    assert scores(reference, prediction) == {
        ("dice", "1"): Value(1.0, "ok"),
        ("dice", "2"): Value(2 / 3, "ok"),
        ("hd95", "1"): Value(0.0, "ok"),
        ("hd95", "2"): Value(approx(1.9), "ok"),
    }


def test_the_mean_over_regions_is_one_column() -> None:
    reference = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1), (1, 1, 2)])
    prediction = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1)])

    assert means(reference, prediction) == {
        ("dice", "mean"): Value(approx((1 + 2 / 3) / 2), "ok"),
        ("hd95", "mean"): Value(approx(1.9 / 2), "ok"),
    }


def test_a_region_of_several_labels_is_their_union() -> None:
    whole = Region("whole", (1, 2))
    reference = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1), (1, 1, 2)])
    swapped = mask(label2=[(0, 0, 0)], label1=[(1, 1, 1)])

    found = scores(reference, swapped, (whole, EACH[0]))

    # Three voxels, two of them found under whichever label; label 1 alone is elsewhere.
    assert found["dice", "whole"] == Value(2 * 2 / 5, "ok")
    assert found["dice", "1"] == Value(0.0, "ok")


def test_a_region_empty_in_both_is_full_agreement() -> None:
    reference = prediction = mask(label1=[(0, 0, 0)])

    found = scores(reference, prediction)

    assert found["dice", "2"] == Value(1.0, "both-empty")
    assert found["hd95", "2"] == Value(0.0, "both-empty")


@pytest.mark.parametrize("swap", [False, True])
def test_a_region_empty_in_one_is_the_worst(swap: bool) -> None:
    pair = [mask(label1=[(0, 0, 0)], label2=[(2, 2, 2)]), mask(label1=[(0, 0, 0)])]

    found = scores(*(reversed(pair) if swap else pair))

    assert found["dice", "2"] == Value(0.0, "one-empty")
    assert found["hd95", "2"] == Value(DIAGONAL_MM, "one-empty")


def test_a_missing_case_is_the_worst_even_where_the_reference_is_empty() -> None:
    found = scores(mask(label1=[(0, 0, 0)]), None)

    assert {found["dice", "1"], found["dice", "2"]} == {Value(0.0, "missing")}
    assert {found["hd95", "1"], found["hd95", "2"]} == {Value(DIAGONAL_MM, "missing")}


def test_the_mean_tells_of_its_gravest_region() -> None:
    reference = mask(label1=[(0, 0, 0)], label2=[(2, 2, 2)])
    one_lost = means(reference, mask(label1=[(0, 0, 0)]))

    assert one_lost["dice", "mean"] == Value(0.5, "one-empty")
    assert one_lost["hd95", "mean"] == Value(6.5, "one-empty")
    one_absent = means(reference, reference, (EACH[0], Region("3", (3,))))
    assert one_absent["dice", "mean"] == Value(1.0, "both-empty")


def test_swapped_labels_score_nothing() -> None:
    found = scores(mask(label1=[(0, 0, 0)], label2=[(2, 2, 2)]),
                   mask(label2=[(0, 0, 0)], label1=[(2, 2, 2)]))  # fmt: skip

    assert found["dice", "1"].value == found["dice", "2"].value == 0.0


def test_labels_in_no_region_are_not_scored() -> None:
    reference = mask(label1=[(0, 0, 0)], label7=[(2, 2, 2)])

    assert list(means(reference, reference, EACH[:1]).values()) == [
        Value(1.0, "ok"),
        Value(0.0, "ok"),
    ]


@pytest.mark.parametrize("separate", [False, True])
def test_columns_are_those_that_are_announced(separate: bool) -> None:
    labels = mask(label1=[(0, 0, 0)])
    asked = measures(EACH, separate=separate)

    assert tuple(score_case(SegmentedCase(labels, labels, SPACING_MM), asked)) == columns_of(asked)


def test_columns_carry_the_region_when_separate() -> None:
    assert columns_of(measures(EACH, separate=False)) == (("dice", "mean"), ("hd95", "mean"))
    assert columns_of(measures(EACH, separate=True)) == (
        ("dice", "1"), ("dice", "2"), ("hd95", "1"), ("hd95", "2"),
    )  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a metric of a classification would be given: no masks, no voxels."""

    reference: str
    prediction: str

    @property
    def reference_is_empty(self) -> bool:
        return not self.reference

    @property
    def prediction_is_empty(self) -> bool:
        return not self.prediction


@dataclass(frozen=True)
class AnsweredCase:
    """A case of a classification with several questions, each a region."""

    reference: dict[str, str]
    prediction: dict[str, str] | None

    def subject(self, region: Region) -> Answer | None:
        if self.prediction is None:
            return None
        return Answer(self.reference[region.name], self.prediction[region.name])

    def worst(self, name: str) -> float:
        raise AssertionError(name)


def is_right(answer: Answer) -> float:
    return float(answer.reference == answer.prediction)


def test_another_kind_of_task_is_scored_without_masks(monkeypatch) -> None:
    accuracy = replace(specs.spec_of("dice"), id="accuracy", compute=f"{__name__}:is_right")
    monkeypatch.setattr(specs, "SPECS", (*specs.SPECS, accuracy))
    questions = tuple(Region(name, ()) for name in ("side", "grade", "stage"))
    measure = Measure("accuracy", questions, separate=True)
    reference = {"side": "left", "grade": "2", "stage": "1"}

    answered = AnsweredCase(reference, {"side": "left", "grade": "3", "stage": ""})

    assert score_case(answered, [measure]) == {
        ("accuracy", "side"): Value(1.0, "ok"),
        ("accuracy", "grade"): Value(0.0, "ok"),
        ("accuracy", "stage"): Value(0.0, "one-empty"),
    }
    missing = score_case(AnsweredCase(reference, None), [measure])
    assert set(missing.values()) == {Value(0.0, "missing")}


def no_number(_pair: object) -> float:
    return math.nan


def test_a_function_that_gives_no_number_is_a_fault_of_the_program(monkeypatch) -> None:
    broken = replace(specs.spec_of("dice"), id="broken", compute=f"{__name__}:no_number")
    monkeypatch.setattr(specs, "SPECS", (*specs.SPECS, broken))
    labels = mask(label1=[(0, 0, 0)])
    case = SegmentedCase(labels, labels, SPACING_MM)

    with pytest.raises(MetricError, match="no_number gave nan: a metric's value is always finite"):
        score_case(case, [Measure("broken", EACH[:1])])
    # Where a policy decides, the formula is not asked.
    (value,) = score_case(case, [Measure("broken", EACH[1:])]).values()
    assert value == Value(1.0, "both-empty")


def test_a_measure_of_another_revision_is_refused() -> None:
    labels = mask(label1=[(0, 0, 0)])
    measure = replace(Measure("dice", EACH), revision=99)

    with pytest.raises(MetricError, match="dice is asked for in revision 99, but this program"):
        score_case(SegmentedCase(labels, labels, SPACING_MM), [measure])
