"""Dice, worked out by hand."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.metrics.masks import MaskPair
from blueprint.metrics.overlap import dice


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
