"""Ranking teams: ties, directions and float rounding."""

import numpy as np
import pytest
from scipy.stats import rankdata

from blueprint.rank.steps import bound_ranks, rank_teams, rounding_of


def test_ties_share_the_mean_or_the_best_of_their_ranks():
    losses = np.array([3.0, 1.0, 1.0, 2.0])

    assert rank_teams(losses, axis=0, ties="mean").tolist() == [4.0, 1.5, 1.5, 3.0]
    assert rank_teams(losses, axis=0, ties="min").tolist() == [4.0, 1.0, 1.0, 3.0]


@pytest.mark.parametrize(("ties", "method"), [("mean", "average"), ("min", "min")])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_ranks_agree_with_scipy_on_any_axis(ties, method, axis):
    losses = np.random.default_rng(7).integers(0, 4, size=(5, 6, 3)).astype(float)

    expected = rankdata(losses, method=method, axis=axis)

    assert np.array_equal(rank_teams(losses, axis=axis, ties=ties), expected)


def test_scores_as_measured_are_never_tied_by_rounding():
    nearly = np.array([0.9, np.nextafter(0.9, 1)])

    assert rank_teams(nearly, axis=0, ties="mean").tolist() == [1.0, 2.0]


def test_averages_that_differ_by_rounding_alone_are_tied():
    # 0.1 + 0.2 is 0.30000000000000004 in floats.
    averages = np.array([0.1 + 0.2, 0.3, 0.2])

    ranks = rank_teams(averages, axis=0, ties="min", tolerance=rounding_of(averages))

    assert ranks.tolist() == [2.0, 2.0, 1.0]


def test_one_team_is_first():
    assert rank_teams(np.array([[5.0, 7.0]]), axis=0, ties="mean").tolist() == [[1.0, 1.0]]


def test_bounds_count_only_teams_that_are_certainly_better_or_worse():
    # a: [1, 2], b: [2, 4], c: [3, 3]. Only a and c do not overlap.
    low, high = bound_ranks(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 3.0]))

    assert low.tolist() == [1.0, 1.0, 2.0]
    assert high.tolist() == [2.0, 3.0, 3.0]
