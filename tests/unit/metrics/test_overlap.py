"""Dice and IoU, worked out by hand and held against another library."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import jaccard

from blueprint.metrics.masks import MaskPair
from blueprint.metrics.overlap import dice, iou


def pair(reference: str, prediction: str) -> MaskPair:
    return MaskPair(row(reference), row(prediction))


def row(text: str) -> NDArray[Any]:
    return np.array([c == "x" for c in text]).reshape(-1, 1, 1)


def test_dice_is_twice_the_shared_over_the_sum() -> None:
    # |A| = 4, |B| = 3, shared 2: 2 x 2 / 7.
    assert dice(pair("xxxx..", "..xxx.")) == 4 / 7


def test_equal_masks_have_dice_one() -> None:
    assert dice(pair(".xx.", ".xx.")) == 1.0


def test_disjoint_masks_have_dice_zero() -> None:
    assert dice(pair("xx..", "..xx")) == 0.0


def test_two_empty_masks_agree() -> None:
    assert dice(pair("....", "....")) == 1.0


def test_one_empty_mask_has_dice_zero() -> None:
    assert dice(pair("x...", "....")) == 0.0
    assert dice(pair("....", "x...")) == 0.0


def test_iou_is_the_shared_over_all_that_either_marks() -> None:
    # |A| = 4, |B| = 3, shared 2: 2 / (4 + 3 - 2).
    assert iou(pair("xxxx..", "..xxx.")) == 2 / 5


def test_iou_ends_at_one_for_equal_and_at_zero_for_disjoint_masks() -> None:
    assert iou(pair(".xx.", ".xx.")) == 1.0
    assert iou(pair("xx..", "..xx")) == 0.0


@pytest.mark.parametrize("seed", range(8))
def test_iou_equals_the_jaccard_index_of_scipy(seed: int) -> None:
    generator = np.random.default_rng(seed)
    first = generator.random((5, 6, 7)) < generator.uniform(0.05, 0.95)
    second = generator.random((5, 6, 7)) < generator.uniform(0.05, 0.95)

    # SciPy gives the dissimilarity, 1 - IoU, of two vectors.
    expected = 1 - jaccard(first.ravel(), second.ravel())
    assert iou(MaskPair(first, second)) == pytest.approx(expected, abs=1e-15)
