"""What a leaderboard says, as data: one board a phase, one standing a row."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from blueprint.config.model import Phase, Task
from blueprint.config.schedule import Status
from blueprint.evaluations.sets import Correction
from blueprint.metrics.measures import Column
from blueprint.people.teams import TeamStanding
from blueprint.publish.columns import ScoreColumn
from blueprint.publish.visibility import Visibility

FORMAT = 2
"""Of leaderboard.json; raised when a reader of the one before could not read it."""


@dataclass(frozen=True)
class Spread:
    """A submission's values in one column, without saying which case had which."""

    values: tuple[float, ...]
    """All of them, ascending."""
    missing: tuple[float, ...]
    """Those of them that stand for a missing case."""

    @property
    def mean(self) -> float:
        """The mean, the same whatever the order of the cases."""
        return math.fsum(self.values) / len(self.values)

    @cached_property
    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile, by linear interpolation."""
        if len(self.values) == 1:
            return (self.values[0],) * 3
        low, median, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, median, high


@dataclass(frozen=True)
class Placing:
    """One submission on the board."""

    team: str
    """The team's slug."""
    team_name: str
    submission: int
    kind: str
    submitted_at: datetime
    cases: int
    missing: int
    scored: int
    """How many scored submissions the team has in this phase."""
    spreads: tuple[Spread, ...]
    """One a column."""
    rank: float | None = None
    """None for a row that is only listed."""
    deciding: float | None = None
    """The mean of ranks that `rank` orders; None where scores are ordered directly."""
    rank_set: tuple[int, int] | None = None
    frequencies: tuple[float, ...] | None = None
    """Share of bootstrap draws with rank 1, 2, ...: stability, not confidence."""
    team_standing: TeamStanding = "competing"


@dataclass(frozen=True)
class Board:
    """One phase: who stands where, on what evidence."""

    phase: Phase
    task: Task
    status: Status
    columns: tuple[ScoreColumn, ...]
    visibility: Visibility
    cases: int = 0
    standings: tuple[Placing, ...] = ()
    """Ranked rows, best first."""
    beside: tuple[Placing, ...] = ()
    """Teams that are shown without rank: baselines, and the organizers' own."""
    listed: tuple[Placing, ...] = ()
    """Further submissions of the same teams, where the phase shows all."""
    set_aside: tuple[int, ...] = ()
    """Submissions scored on other cases or metrics than the latest one."""
    separated_pairs: int | None = None
    """Pairs of teams whose order is certain at 95 %; None without rank sets."""
    latest_result_at: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    """What was corrected in these results, the latest first."""

    @property
    def visible(self) -> bool:
        """False while the phase's results are kept back."""
        return self.visibility.is_shown

    @property
    def rows(self) -> tuple[Placing, ...]:
        """Every row, in the order in which the board shows them."""
        return (*self.standings, *self.beside, *self.listed)

    @property
    def pairs(self) -> int:
        """How many pairs of ranked teams there are."""
        return len(self.standings) * (len(self.standings) - 1) // 2


def latest_result_at(boards: Sequence[Board]) -> datetime | None:
    """Return when the latest visible result was recorded."""
    return max((b.latest_result_at for b in boards if b.latest_result_at), default=None)


@dataclass(frozen=True)
class Scored:
    """A scored submission as the database has it."""

    submission: int
    phase: str
    team: str
    team_name: str
    kind: str
    received_at: datetime
    recorded_at: datetime
    values: dict[Column, dict[str, float]]
    """Column to case to value."""
    missing: frozenset[str]
    """Cases without an output."""
    team_standing: TeamStanding = "competing"
