"""Voxels whose reference value is ignored count nowhere, whatever a prediction says there."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.metrics.case_scores import Value, score_case
from blueprint.metrics.ignored import leave_out
from blueprint.metrics.masks import SegmentedCase
from blueprint.metrics.measures import Measure, Region

Array = NDArray[Any]
IGNORED = 9


def row(*values: int) -> Array:
    return np.array(values, dtype=np.uint16).reshape(1, 1, -1)


def score(reference: Array, prediction: Array | None, ignored: tuple[int, ...]) -> dict[str, Value]:
    case = SegmentedCase(*leave_out(reference, prediction, ignored), (1.0, 1.0, 2.0))
    region = (Region("1", (1,)),)
    found = score_case(case, (Measure("dice", region), Measure("hd95", region, worst="diagonal")))
    return {column.metric: value for column, value in found.items()}


def test_dice_as_worked_out_with_and_without():
    reference, prediction = row(1, 1, 0, 9, 9, 0), row(1, 0, 1, 1, 0, 0)

    # Marked 0, 1 and 0, 2, 3; shared 0. Voxel 3 is ignored: 2 x 1 / (2 + 2), else 2 x 1 / (2 + 3).
    assert score(reference, prediction, (IGNORED,))["dice"] == Value(0.5, "ok")
    assert score(reference, prediction, ())["dice"] == Value(0.4, "ok")


def test_a_distance_ends_at_the_edge_of_the_ignored_part_as_at_that_of_the_volume():
    # The prediction goes on from voxel 2 into the ignored part: its border there is voxel 2,
    # where the reference has its own. 4 voxels of 2 mm further it would be off by 8 mm.
    reference, prediction = row(0, 1, 1, 9, 9, 9, 9), row(0, 1, 1, 1, 1, 1, 1)

    assert score(reference, prediction, (IGNORED,))["hd95"] == Value(0.0, "ok")
    # Directed distances 0, 0, 2, 4, 6, 8 mm: 95th percentile at rank 4.75, 6 + 0.75 x 2 = 7.5.
    assert score(reference, prediction, ())["hd95"] == Value(7.5, "ok")


def test_what_is_said_on_ignored_voxels_changes_no_score():
    rng = np.random.default_rng(1)
    reference = rng.choice([0, 1, 9, 12], size=(7, 6, 5)).astype(np.uint16)
    one = rng.integers(0, 2, size=reference.shape).astype(np.uint16)
    other = np.where((reference == 9) | (reference == 12), 1 - one, one).astype(np.uint16)

    assert (one != other).any()
    assert score(reference, one, (9, 12)) == score(reference, other, (9, 12))
    assert score(reference, one, ()) != score(reference, other, ())


def test_a_reference_with_nothing_else_is_an_empty_one():
    reference = row(0, 9, 9, 0)

    assert score(reference, row(0, 1, 1, 0), (IGNORED,))["dice"] == Value(1.0, "both-empty")
    assert score(reference, row(1, 1, 1, 0), (IGNORED,))["dice"] == Value(0.0, "one-empty")


def test_a_missing_case_stays_missing():
    assert score(row(1, 9), None, (IGNORED,))["dice"] == Value(0.0, "missing")


def test_the_masks_that_were_passed_in_are_not_changed():
    reference, prediction = row(1, 9), row(1, 1)

    leave_out(reference, prediction, (IGNORED,))

    assert reference.ravel().tolist() == [1, 9]
    assert prediction.ravel().tolist() == [1, 1]
