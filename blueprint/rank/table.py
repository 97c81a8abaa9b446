"""The table that ranking starts from: one score for every team, case and column."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """A full box of finite scores: a missing case already holds its metric's worst value."""

    teams: tuple[str, ...]
    cases: tuple[str, ...]
    columns: tuple[Hashable, ...]
    """What each is called does not matter here."""
    values: Array
    """Shape (teams, cases, columns), each column in its own unit; never rounded."""
    higher_is_better: tuple[bool, ...]
    """One a column: True for Dice, False for distances."""

    def __post_init__(self) -> None:
        shape = (len(self.teams), len(self.cases), len(self.columns))
        if self.values.shape != shape:
            raise ValueError(f"values have shape {self.values.shape}, the names say {shape}")
        if len(self.higher_is_better) != len(self.columns):
            raise ValueError("every column needs its direction")
        if 0 in shape[1:]:
            raise ValueError("there is nothing to rank without cases and columns")
        if not np.isfinite(self.values).all():
            raise ValueError("scores must be finite: fill missing cases with the worst value")

    def losses(self) -> Array:
        """Return the scores turned so that smaller is better in every column."""
        signs = np.where(self.higher_is_better, -1.0, 1.0)
        return np.asarray(self.values * signs)
