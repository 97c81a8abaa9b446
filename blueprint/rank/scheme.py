"""Ranking schemes: a list of steps, split where the cases are averaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from blueprint.config.model.task import RankStep
from blueprint.errors import InputError
from blueprint.rank.presets import steps_of
from blueprint.rank.steps import bound_ranks, rank_teams, rounding_of
from blueprint.rank.table import Array, Mask, ScoreTable


@dataclass(frozen=True)
class Scheme:
    """A sound list of steps. Cases are independent units only until they are averaged.

    So the scheme is cut there: what is computed on each case can be resampled, what follows
    sees one average a team and column.
    """

    before: tuple[RankStep, ...]
    """Steps on every case."""
    joins_columns: bool
    """The columns are averaged together with the cases."""
    after: tuple[RankStep, ...]
    """Steps on the averages; the first and the last are ranks."""

    def per_case(self, table: ScoreTable) -> Array:
        """Return what is averaged over cases, shape (teams, cases, columns); smaller is better."""
        values = table.losses()
        for step in self.before:
            if step.op == "rank":
                values = rank_teams(values, axis=0, ties=step.ties)
            else:
                values = values.mean(axis=2, keepdims=True)
        return values.mean(axis=2, keepdims=True) if self.joins_columns else values

    def deciding(self, averages: Array) -> Array:
        """Return the value that the last step ranks, from averages (..., teams, columns)."""
        values = averages
        for step in self.after[:-1]:
            values = self._apply(step, values)
        return np.asarray(values[..., 0])

    def ranks(self, averages: Array) -> Array:
        """Return the final ranks, shape (..., teams), from averages (..., teams, columns)."""
        deciding = self.deciding(averages)
        ties = self.after[-1].ties
        return rank_teams(deciding, axis=-1, ties=ties, tolerance=rounding_of(deciding))

    def certain_order(self, better: Mask) -> Mask:
        """Return True where a team certainly ends before another, shape (teams, teams).

        Right whenever `better` is, and silent rather than wrong: a team that is better in every
        column stays before the other; else what the columns leave open goes through the steps
        by interval arithmetic.

        Args:
            better: Shape (teams, teams, columns), True where the first team is certainly better
                than the second in that column's average.
        """
        low, high = 1.0 + better.sum(axis=0), len(better) - better.sum(axis=1).astype(float)
        before = better.all(axis=2)
        for step in self.after[1:-1]:
            if step.op == "mean":
                low, high = low.mean(axis=1, keepdims=True), high.mean(axis=1, keepdims=True)
            else:
                low, high = bound_ranks(low, high)
        if len(self.after) > 1:
            before |= high[:, None, 0] < low[None, :, 0] - rounding_of(low)
        return np.asarray(before)

    @property
    def decides_by_rank(self) -> bool:
        """True when the last step ranks averages of ranks, not of scores."""
        return any(step.op == "rank" for step in (*self.before, *self.after[:-1]))

    @staticmethod
    def _apply(step: RankStep, values: Array) -> Array:
        if step.op == "rank":
            return rank_teams(values, axis=-2, ties=step.ties, tolerance=rounding_of(values))
        return np.asarray(values.mean(axis=-1, keepdims=True))


def scheme_of(ranking: str | tuple[RankStep, ...], *, one_metric: bool = False) -> Scheme:
    """Return the scheme of a preset's name or a list of steps.

    Args:
        ranking: As `tasks[].ranking` in challenge.yaml has it.
        one_metric: All columns are of one metric, so that their scores may be averaged.

    Raises:
        InputError: The steps do not end in one rank a team; every fault is named.
    """
    steps = steps_of(ranking)
    if faults := scheme_faults(steps, one_metric=one_metric):
        raise InputError("; ".join(f"ranking{fault}" for fault in faults))
    cut = next(index for index, step in enumerate(steps) if "case" in step.over)
    followers = tuple(takewhile(lambda step: step.op == "mean", steps[cut + 1 :]))
    joins = any("metric" in step.over for step in (steps[cut], *followers))
    return Scheme(steps[:cut], joins, steps[cut + 1 + len(followers) :])


def scheme_faults(steps: tuple[RankStep, ...], *, one_metric: bool) -> list[str]:
    """Return what is wrong with a list of steps, in order, each as `[index]: reason`."""
    faults: list[str] = []
    left = ["case", "metric"]
    ranked = False
    for index, step in enumerate(steps):
        place = f"[{index}]: "
        if step.op == "rank":
            if step.over:
                faults.append(f"{place}a rank has `within`, not `over`")
            if sorted(step.within) != sorted(left):
                faults.append(f"{place}must rank within {_listed(left)}, what is left to average")
            ranked = True
            continue
        if step.within or not step.over:
            faults.append(f"{place}a mean has `over`, not `within`")
        if gone := [axis for axis in step.over if axis not in left]:
            faults.append(f"{place}{_listed(gone)} was averaged before")
        if "metric" in step.over and not ranked and not one_metric:
            faults.append(f"{place}metrics have different units: rank before averaging them")
        left = [axis for axis in left if axis not in step.over]
    if left or not steps or steps[-1].op != "rank":
        faults.append(
            f"[{len(steps)}]: the last step must rank the teams, after a mean over "
            f"{_listed(left) or 'case and metric'}"
        )
    return faults


def _listed(axes: Sequence[str]) -> str:
    return " and ".join(axes) or "nothing"
