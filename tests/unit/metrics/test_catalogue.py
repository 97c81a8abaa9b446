"""Scores of a case: columns, labels, and the policy for empty masks and missing cases."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.config.model import Metric
from blueprint.metrics.catalogue import Score, score_case
from blueprint.metrics.columns import column_names

Array = NDArray[Any]
MEAN = (Metric(id="dice"), Metric(id="hd95"))
SEPARATE = (Metric(id="dice", labels="separate"), Metric(id="hd95", labels="separate"))
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


def scores(
    reference: Array,
    prediction: Array | None,
    metrics: tuple[Metric, ...] = SEPARATE,
    labels: tuple[int, ...] = (1, 2),
) -> dict[str, Score]:
    return score_case(reference, prediction, spacing_mm=SPACING_MM, labels=labels, metrics=metrics)


def test_each_label_is_a_column_when_separate() -> None:
    reference = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1), (1, 1, 2)])
    prediction = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1)])

    # Label 2: Dice 2 x 1 / 3. Distances 0 and 2 mm one way: 95 % of the way from 0 to 2 is 1.9.
    assert scores(reference, prediction) == {
        "dice:1": Score(1.0, "ok"),
        "dice:2": Score(2 / 3, "ok"),
        "hd95:1": Score(0.0, "ok"),
        "hd95:2": Score(approx(1.9), "ok"),
    }


def test_the_mean_over_labels_is_one_column() -> None:
    reference = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1), (1, 1, 2)])
    prediction = mask(label1=[(0, 0, 0)], label2=[(1, 1, 1)])

    found = scores(reference, prediction, MEAN)

    assert found["dice"] == Score(approx((1 + 2 / 3) / 2), "ok")
    assert found["hd95"] == Score(approx(1.9 / 2), "ok")


def test_a_label_empty_in_both_is_full_agreement() -> None:
    reference = prediction = mask(label1=[(0, 0, 0)])

    found = scores(reference, prediction)

    assert found["dice:2"] == Score(1.0, "both-empty")
    assert found["hd95:2"] == Score(0.0, "both-empty")


@pytest.mark.parametrize("swap", [False, True])
def test_a_label_empty_in_one_is_the_worst(swap: bool) -> None:
    pair = [mask(label1=[(0, 0, 0)], label2=[(2, 2, 2)]), mask(label1=[(0, 0, 0)])]

    found = scores(*(reversed(pair) if swap else pair))

    assert found["dice:2"] == Score(0.0, "one-empty")
    assert found["hd95:2"] == Score(DIAGONAL_MM, "one-empty")


def test_a_missing_case_is_the_worst_even_where_the_reference_is_empty() -> None:
    found = scores(mask(label1=[(0, 0, 0)]), None)

    assert {found["dice:1"], found["dice:2"]} == {Score(0.0, "missing")}
    assert {found["hd95:1"], found["hd95:2"]} == {Score(DIAGONAL_MM, "missing")}


def test_the_mean_tells_of_its_gravest_label() -> None:
    reference = mask(label1=[(0, 0, 0)], label2=[(2, 2, 2)])

    assert scores(reference, mask(label1=[(0, 0, 0)]), MEAN)["dice"] == Score(0.5, "one-empty")
    assert scores(reference, mask(label1=[(0, 0, 0)]), MEAN)["hd95"] == Score(6.5, "one-empty")
    assert scores(reference, reference, MEAN, labels=(1, 3))["dice"] == Score(1.0, "both-empty")


def test_swapped_labels_score_nothing() -> None:
    found = scores(mask(label1=[(0, 0, 0)], label2=[(2, 2, 2)]),
                   mask(label2=[(0, 0, 0)], label1=[(2, 2, 2)]))  # fmt: skip

    assert found["dice:1"].value == found["dice:2"].value == 0.0


def test_labels_that_the_task_does_not_name_are_not_scored() -> None:
    reference = mask(label1=[(0, 0, 0)], label7=[(2, 2, 2)])

    assert list(scores(reference, reference, MEAN, labels=(1,)).values()) == [
        Score(1.0, "ok"),
        Score(0.0, "ok"),
    ]


@pytest.mark.parametrize("metrics", [MEAN, SEPARATE])
def test_columns_are_those_that_are_announced(metrics: tuple[Metric, ...]) -> None:
    found = scores(mask(label1=[(0, 0, 0)]), mask(label1=[(0, 0, 0)]), metrics, labels=(2, 1))

    assert list(found) == column_names(metrics, (2, 1))


def test_column_names_carry_the_label_when_separate() -> None:
    assert column_names(MEAN, (2, 1)) == ["dice", "hd95"]
    assert column_names(SEPARATE, (2, 1)) == ["dice:1", "dice:2", "hd95:1", "hd95:2"]
