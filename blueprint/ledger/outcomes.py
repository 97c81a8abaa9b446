"""What an attempt comes to: scores, a fault of somebody's, or the news that it was taken away.

Plain data: an evaluation host imports it, and has no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blueprint.errors import ConflictError
from blueprint.ledger.states import FaultClass


class LostLease(ConflictError):  # noqa: N818 (what happened, as workers say it)
    """The submission belongs to somebody else by now; nothing was changed."""


@dataclass(frozen=True)
class AttemptFault:
    """Why an attempt did not come to scores."""

    class_: FaultClass
    code: str
    """Short and stable: `exit-code`, `timeout`, `lost`."""
    message: str
    """For the participant: what happened, and what to do about it."""


@dataclass(frozen=True)
class ScoreRow:
    """One value: a column of one case."""

    case_id: str
    column: str
    """Such as `dice`, or `dice:1` where each label has its own column."""
    value: float
    flag: str
    """ok, both-empty, one-empty or missing."""


@dataclass(frozen=True)
class Result:
    """What an evaluation came to."""

    run_s: float
    score_s: float
    scores: Sequence[ScoreRow]
    means: Mapping[str, float]
