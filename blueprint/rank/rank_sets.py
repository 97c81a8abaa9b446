"""Simultaneous rank sets: which ranks the data leave open for every team at once.

The differences of all pairs of teams are tested together by the largest t of them (max-t), as
in Mogstad, Romano, Shaikh and Wilhelm (2024), Inference for Ranks. Its distribution comes from a
wild bootstrap that imposes the null hypothesis: the sign of each case's differences is drawn at
random, the same for all pairs. With one pair this is the exact sign-flip test, so it keeps its
level with few cases and with differences that never vary, where resampling cases breaks down.
"""

from dataclasses import dataclass

import numpy as np

from blueprint.rank.scheme import Scheme
from blueprint.rank.table import Array, Mask, ScoreTable

LEAST_UNITS = 6
"""With 5 cases even a clean sweep has p = 2/32 > 0.05: nothing could ever be separated."""
LEVEL = 0.95
_ROUNDING = 1e-12


@dataclass(frozen=True)
class RankSets:
    """With probability LEVEL, every team's true rank lies between its two bounds."""

    low: tuple[int, ...]
    high: tuple[int, ...]
    separated_pairs: int
    """Pairs of teams whose order is certain at LEVEL."""

    @property
    def pairs(self) -> int:
        """How many pairs of teams there are."""
        return len(self.low) * (len(self.low) - 1) // 2


def rank_sets(
    table: ScoreTable, scheme: Scheme, *, draws: int, generator: np.random.Generator
) -> RankSets | None:
    """Return the rank set of every team, or None with fewer than LEAST_UNITS cases.

    Args:
        table: Cases are the independent units.
        scheme: Its per-case values are compared; its later steps follow by interval arithmetic.
        draws: How many sign vectors are drawn; all of them are used when there are no more.
        generator: The only source of randomness.
    """
    if len(table.cases) < LEAST_UNITS:
        return None
    signs = sign_vectors(len(table.cases), draws, generator)
    before = scheme.certain_order(certainly_better(scheme.per_case(table), signs))
    low = 1 + before.sum(axis=0)
    high = len(before) - before.sum(axis=1)
    return RankSets(tuple(low.tolist()), tuple(high.tolist()), int(before.sum()))


def sign_vectors(cases: int, draws: int, generator: np.random.Generator) -> Array:
    """Return signs, shape (vectors, cases): every pattern when there are at most `draws`.

    A pattern and its negative give the same |t|, so of all patterns the half in which the last
    case keeps its sign is enough. The first vector is all +1, the data as observed, which a
    Monte Carlo test counts too.
    """
    if 2 ** (cases - 1) <= draws:
        bits = np.arange(2 ** (cases - 1))[:, None] >> np.arange(cases) & 1
    else:
        bits = generator.integers(0, 2, size=(draws, cases))
        bits[0] = 0
    return np.asarray(1.0 - 2.0 * bits)


def certainly_better(values: Array, signs: Array) -> Mask:
    """Return True where a team is certainly better than another: (teams, teams, columns).

    Args:
        values: Shape (teams, cases, columns), smaller is better.
        signs: Shape (vectors, cases), +1 or -1, the first vector all +1.

    With m the mean difference of a pair and q its mean square, t² = (n - 1) / (q / m² - 1): it
    grows with m² / q alone, and signs leave q as it is. So m² / q is compared instead of t; it
    is at most 1, and 1 only where a team wins by the same margin on every case.
    """
    teams, cases, columns = values.shape
    averages = np.tensordot(values, signs, axes=(1, 1)) / cases
    observed = np.zeros((teams, teams, columns))
    largest = np.zeros(len(signs))
    equal = (_ROUNDING * np.abs(values).max(initial=0.0)) ** 2
    for team in range(teams - 1):
        squares = ((values[team + 1 :] - values[team]) ** 2).mean(axis=1)
        weights = np.where(squares > equal, 1.0 / np.maximum(squares, 1e-300), 0.0)
        ratios = averages[team + 1 :] - averages[team]
        ratios *= ratios
        ratios *= weights[:, :, None]
        observed[team, team + 1 :] = observed[team + 1 :, team] = ratios[:, :, 0]
        np.maximum(largest, ratios.max(axis=(0, 1)), out=largest)
    # Certain where at most 5 % of the draws, the observed one among them, reach as far.
    allowed = int((1 - LEVEL) * len(largest) + 1e-9)
    critical = np.sort(largest)[::-1][allowed]
    means = averages[:, :, 0]
    return np.asarray((observed > critical + _ROUNDING) & (means[:, None] < means[None, :]))
