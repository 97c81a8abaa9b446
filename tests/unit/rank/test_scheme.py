"""Schemes are lists of steps; every number is worked out by hand beside the test."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from blueprint.config.model import RankStep
from blueprint.errors import InputError
from blueprint.rank.presets import PRESETS
from blueprint.rank.scheme import scheme_of
from blueprint.rank.table import Array, Mask, ScoreTable

# Dice and HD95 (mm) of three teams on three cases.
#            case 1        case 2        case 3
SCORES = [
    [[0.90, 2.0], [0.80, 3.0], [0.70, 9.0]],  # a
    [[0.85, 2.5], [0.80, 2.0], [0.75, 4.0]],  # b
    [[0.60, 8.0], [0.95, 1.0], [0.65, 3.0]],  # c
]


def three_teams() -> ScoreTable:
    return ScoreTable(
        ("a", "b", "c"), ("1", "2", "3"), ("dice", "hd95"), np.array(SCORES), (True, False)
    )


def averages(ranking: str | tuple[RankStep, ...], table: ScoreTable) -> Array:
    return np.asarray(scheme_of(ranking).per_case(table).mean(axis=1))


def test_per_case_ranks_by_hand():
    # Dice ranks: case 1 a1 b2 c3; case 2 c1, a and b share 2.5; case 3 b1 a2 c3.
    # HD95 ranks: case 1 a1 b2 c3; case 2 c1 b2 a3; case 3 c1 b2 a3.
    # Means of six: a (1+2.5+2+1+3+3)/6 = 12.5/6, b (2+2.5+1+2+2+2)/6 = 11.5/6,
    # c (3+1+3+3+1+1)/6 = 12/6: b before c before a.
    means = averages("per-case-ranks", three_teams())

    assert means[:, 0].tolist() == pytest.approx([12.5 / 6, 11.5 / 6, 2.0])
    assert scheme_of("per-case-ranks").ranks(means).tolist() == [3.0, 1.0, 2.0]


def test_mean_of_ranks_by_hand():
    # Mean Dice: a 0.8, b 0.8, c 0.7333: ranks 1, 1, 3 (ties: the best).
    # Mean HD95: a 14/3, b 8.5/3, c 12/3: ranks 3, 1, 2.
    # Means: a 2, b 1, c 2.5.
    scheme = scheme_of("mean-of-ranks")
    means = averages("mean-of-ranks", three_teams())

    assert scheme.deciding(means).tolist() == [2.0, 1.0, 2.5]
    assert scheme.ranks(means).tolist() == [2.0, 1.0, 3.0]


def test_equal_teams_share_the_first_rank():
    values = np.broadcast_to(np.array([[0.5, 3.0]]), (2, 4, 2))
    table = ScoreTable(("a", "b"), tuple("wxyz"), ("dice", "hd95"), values, (True, False))

    for name in PRESETS:
        assert scheme_of(name).ranks(averages(name, table)).tolist() == [1.0, 1.0]


def test_a_preset_written_as_steps_ranks_alike():
    for name, steps in PRESETS.items():
        table = three_teams()
        assert np.array_equal(averages(steps, table), averages(name, table))


def test_averaging_in_two_steps_is_averaging_at_once():
    two = (
        RankStep(op="rank", within=("case", "metric")),
        RankStep(op="mean", over=("case",)),
        RankStep(op="mean", over=("metric",)),
        RankStep(op="rank", ties="min"),
    )

    assert averages(two, three_teams())[:, 0] == pytest.approx(
        averages("per-case-ranks", three_teams())[:, 0]
    )


def test_metrics_may_be_joined_on_each_case_before_ranking_again():
    # Means of the two ranks: case 1 a1 b2 c3; case 2 a2.75 b2.25 c1; case 3 a2.5 b1.5 c2.
    # Ranked again on each case: a 1, 3, 3; b 2, 2, 1; c 3, 1, 2. Means 7/3, 5/3, 6/3.
    again = (
        RankStep(op="rank", within=("case", "metric")),
        RankStep(op="mean", over=("metric",)),
        RankStep(op="rank", within=("case",)),
        RankStep(op="mean", over=("case",)),
        RankStep(op="rank", ties="min"),
    )

    assert averages(again, three_teams())[:, 0].tolist() == pytest.approx([7 / 3, 5 / 3, 2.0])


def test_scores_of_one_metric_may_be_averaged_unranked():
    steps = (RankStep(op="mean", over=("case", "metric")), RankStep(op="rank", ties="min"))
    scheme = scheme_of(steps, one_metric=True)

    assert not scheme.decides_by_rank
    assert scheme.ranks(scheme.per_case(three_teams()).mean(axis=1)).shape == (3,)


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ((), "ranking[0]: the last step must rank the teams, after a mean over case and metric"),
        (
            (RankStep(op="rank"),),
            "ranking[0]: must rank within case and metric, what is left to average",
        ),
        (
            (RankStep(op="mean", over=("case", "metric")), RankStep(op="rank")),
            "ranking[0]: metrics have different units: rank before averaging them",
        ),
        (
            (
                RankStep(op="mean", over=("case",)),
                RankStep(op="mean", over=("case",)),
            ),
            "ranking[1]: case was averaged before",
        ),
        ((RankStep(op="mean"),), "ranking[0]: a mean has `over`, not `within`"),
        (
            (RankStep(op="rank", over=("case",), within=("case", "metric")),),
            "ranking[0]: a rank has `within`, not `over`",
        ),
    ],
)
def test_steps_that_make_no_ranking_are_named(steps, fault):
    with pytest.raises(InputError) as raised:
        scheme_of(steps)

    assert fault in str(raised.value)


def all_orders_within(better: Mask) -> Iterator[Array]:
    """Return every order of the teams that keeps what is certain, as rank vectors."""
    teams = len(better)
    for order in itertools.permutations(range(teams)):
        place = [order.index(team) for team in range(teams)]
        if all(place[i] < place[j] for i, j in np.argwhere(better)):
            yield np.array(place) + 1.0


def test_interval_arithmetic_never_claims_an_order_that_some_truth_contradicts():
    # Every truth that agrees with what is certain in each of two columns is enumerated.
    scheme = scheme_of("mean-of-ranks")
    generator = np.random.default_rng(5)
    claims = 0
    for _ in range(30):
        truth = generator.random((4, 2))
        certain = (truth[:, None] < truth[None, :]) & (generator.random((4, 4, 2)) < 0.8)
        certain = closed(certain)
        claimed = scheme.certain_order(certain)
        claims += claimed.sum()
        for first in all_orders_within(certain[:, :, 0]):
            for second in all_orders_within(certain[:, :, 1]):
                sums = first + second
                assert all(sums[i] < sums[j] for i, j in np.argwhere(claimed))
    assert claims > 30


def closed(certain: Mask) -> Mask:
    """Return the relation with what follows from it: a before b before c is a before c."""
    result = certain.copy()
    for middle in range(len(certain)):
        result |= result[:, middle : middle + 1] & result[middle : middle + 1]
    return result
