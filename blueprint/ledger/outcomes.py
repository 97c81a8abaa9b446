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
    """One value: of a metric, in a region, on a case."""

    case_id: str
    metric: str
    region: str
    """The region's name, or `mean`: over all regions of the case."""
    value: float
    flag: str
    """ok, both-empty, one-empty or missing."""


@dataclass(frozen=True)
class Mean:
    """The mean of a metric in a region over all cases."""

    metric: str
    region: str
    value: float


@dataclass(frozen=True)
class Result:
    """What an evaluation came to."""

    run_s: float
    score_s: float
    scores: Sequence[ScoreRow]
    means: Sequence[Mean]
    """In the order of the task's metrics and regions."""
    dataset_digest: str = ""
    """Of the cases that were used; empty where none was put in force."""
    evaluator_digest: str = ""
    """Of the metrics and their parameters; empty where none was put in force."""
    predictions: Mapping[str, str] | None = None
    """Case to the SHA-256 of its kept prediction; None where nobody looked."""
