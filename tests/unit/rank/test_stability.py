"""Stability: how often each rank came up when the cases were drawn again."""

import numpy as np
import pytest

from blueprint.rank.scheme import scheme_of
from blueprint.rank.stability import rank_frequencies
from blueprint.rank.table import Array, ScoreTable


def table_of(values: Array) -> ScoreTable:
    teams, cases, columns = values.shape
    names = tuple(f"t{i}" for i in range(teams)), tuple(f"c{i}" for i in range(cases))
    return ScoreTable(*names, tuple(f"m{i}" for i in range(columns)), values, (True,) * columns)


def test_a_team_that_wins_every_case_is_first_in_every_draw():
    values = np.array([[[0.9]] * 7, [[0.2]] * 7])

    shares = rank_frequencies(
        table_of(values), scheme_of("per-case-ranks"), draws=200,
        generator=np.random.default_rng(1),
    )  # fmt: skip

    assert shares.tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("ranking", ["per-case-ranks", "mean-of-ranks"])
def test_a_case_drawn_twice_counts_twice(ranking):
    """The weighted draws give what ranking tables of repeated cases gives."""
    values = np.random.default_rng(8).normal(size=(4, 6, 2))
    scheme = scheme_of(ranking)

    shares = rank_frequencies(
        table_of(values), scheme, draws=50, generator=np.random.default_rng(5)
    )

    counts = np.zeros((4, 4))
    weights = np.random.default_rng(5).multinomial(6, np.full(6, 1 / 6), size=50)
    for row in weights:
        again = table_of(np.repeat(values, row, axis=1))
        ranks = scheme.ranks(scheme.per_case(again).mean(axis=1))
        counts[np.arange(4), ranks.astype(int) - 1] += 1
    assert shares == pytest.approx(counts / 50)


def test_every_team_has_some_rank_in_every_draw():
    values = np.random.default_rng(9).normal(size=(7, 9, 1))

    shares = rank_frequencies(
        table_of(values), scheme_of("per-case-ranks"), draws=300,
        generator=np.random.default_rng(2),
    )  # fmt: skip

    assert shares.sum(axis=1) == pytest.approx(np.ones(7))
