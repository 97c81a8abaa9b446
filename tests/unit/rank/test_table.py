"""The score table refuses what cannot be ranked."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from blueprint.rank.table import ScoreTable


def table(values: ArrayLike, *, cases: tuple[str, ...] = ("x",)) -> ScoreTable:
    return ScoreTable(("a", "b"), cases, ("dice",), np.asarray(values, dtype=float), (True,))


def test_losses_are_smaller_for_the_better_team_in_every_column():
    # Dice 0.9 beats 0.8 and 2 mm beats 5 mm: team a is better twice.
    values = np.array([[[0.9, 2.0]], [[0.8, 5.0]]])
    both = ScoreTable(("a", "b"), ("x",), ("dice", "hd95"), values, (True, False))

    assert (both.losses()[0] < both.losses()[1]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_score_that_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        table([[[0.5]], [[bad]]])


def test_a_shape_that_contradicts_the_names_is_refused():
    with pytest.raises(ValueError, match=r"shape \(1, 1, 1\)"):
        table([[[0.5]]])


def test_a_table_without_cases_is_refused():
    with pytest.raises(ValueError, match="nothing to rank"):
        table(np.zeros((2, 0, 1)), cases=())


def test_every_column_needs_a_direction():
    with pytest.raises(ValueError, match="direction"):
        ScoreTable(("a",), ("x",), ("dice",), np.zeros((1, 1, 1)), ())
