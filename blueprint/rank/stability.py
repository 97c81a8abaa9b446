"""Stability: how the ranking moves when cases are drawn again. It is no confidence."""

import numpy as np

from blueprint.rank.scheme import Scheme
from blueprint.rank.table import Array, ScoreTable

_CHUNK_VALUES = 4_000_000


def rank_frequencies(
    table: ScoreTable, scheme: Scheme, *, draws: int, generator: np.random.Generator
) -> Array:
    """Return how often each team had each rank, shape (teams, teams), rows add up to 1.

    Every draw takes as many cases as there are, with replacement, and a case drawn twice counts
    twice. Percentile intervals of such ranks are not confidence sets: at exact ties they cover
    44 % where they say 95 %. `rank_sets` is the statement of confidence.
    """
    values = scheme.per_case(table)
    teams, cases, columns = values.shape
    counts = np.zeros((teams, teams))
    chunk = max(1, _CHUNK_VALUES // (teams * columns + cases))
    for start in range(0, draws, chunk):
        size = min(chunk, draws - start)
        weights = generator.multinomial(cases, np.full(cases, 1 / cases), size=size) / cases
        averages = np.tensordot(weights, values, axes=(1, 1))
        ranks = scheme.ranks(averages)
        # A tie of the mean kind may fall between two ranks: it counts at the better one.
        positions = np.floor(ranks).astype(np.int64) - 1
        np.add.at(counts, (np.broadcast_to(np.arange(teams), positions.shape), positions), 1)
    return np.asarray(counts / draws)
