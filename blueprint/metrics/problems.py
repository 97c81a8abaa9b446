"""The kinds of task: what a metric's function is given, and how pages speak of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from blueprint.metrics.specification import Problem, WorstName


@dataclass(frozen=True)
class ProblemSpec:
    """What the metrics of one kind of task have in common."""

    subject: str
    """`package.module:Class` of what a function gets for one region of one case."""
    both_empty: str
    reference_empty: str
    prediction_empty: str
    one_empty: str
    """Said instead of the two before it where they count the same."""
    worst: Mapping[WorstName, str]
    """Worst values that depend on the case, in words; the unit is said beside them."""


PROBLEMS: Mapping[Problem, ProblemSpec] = {
    "semantic-segmentation": ProblemSpec(
        subject="blueprint.metrics.masks:MaskPair",
        both_empty="Both masks empty",
        reference_empty="Reference mask empty",
        prediction_empty="Submitted mask empty",
        one_empty="One mask empty",
        worst={"diagonal": "the diagonal of the case's volume"},
    ),
}
