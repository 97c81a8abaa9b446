"""Dice, worked out by hand."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.metrics.overlap import dice


def row(text: str) -> NDArray[Any]:
    return np.array([c == "x" for c in text]).reshape(-1, 1, 1)


def test_dice_is_twice_the_shared_over_the_sum() -> None:
    # |A| = 4, |B| = 3, shared 2: 2 x 2 / 7.
    assert dice(row("xxxx.."), row("..xxx.")) == 4 / 7


def test_equal_masks_have_dice_one() -> None:
    assert dice(row(".xx."), row(".xx.")) == 1.0


def test_disjoint_masks_have_dice_zero() -> None:
    assert dice(row("xx.."), row("..xx")) == 0.0


def test_two_empty_masks_agree() -> None:
    assert dice(row("...."), row("....")) == 1.0


def test_one_empty_mask_has_dice_zero() -> None:
    assert dice(row("x..."), row("....")) == 0.0
    assert dice(row("...."), row("x...")) == 0.0
