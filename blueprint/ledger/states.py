"""The states of a submission, the moves between them, and what comes after each."""

from typing import Literal

State = Literal[
    "received", "checked", "building", "built", "canary", "predicting", "predicted", "scoring",
    "scored", "published", "failed", "cancelled",
]  # fmt: skip
FaultClass = Literal["participant", "organizer", "platform"]
"""Whose fault a failure is; only the participant's own uses up quota."""

STATES: tuple[State, ...] = (
    "received", "checked", "building", "built", "canary", "predicting", "predicted", "scoring",
    "scored", "published", "failed", "cancelled",
)  # fmt: skip
ENDED: frozenset[State] = frozenset({"published", "failed", "cancelled"})
"""Nothing moves on from here. (A push that is refused is never stored at all.)"""
JUDGED: frozenset[State] = ENDED | {"scored"}
"""Evaluation is over: the team's next submission may run."""

# Forward moves. `building` and `built` belong to kinds and engines that build an image.
_FORWARD: dict[State, frozenset[State]] = {
    "received": frozenset({"checked"}),
    "checked": frozenset({"building", "canary", "predicting", "predicted"}),
    "building": frozenset({"built"}),
    "built": frozenset({"canary", "predicting"}),
    "canary": frozenset({"predicting"}),
    "predicting": frozenset({"predicted"}),
    "predicted": frozenset({"scoring"}),
    "scoring": frozenset({"scored"}),
    "scored": frozenset({"published"}),
}

_NEXT: dict[State, str] = {
    "received": "its files are taken out of the repository and checked",
    "checked": "it runs on one case as a trial, then on all (predictions are read at once)",
    "building": "the trial on one case",
    "built": "the trial on one case",
    "canary": "it runs on all cases",
    "predicting": "its outputs are checked",
    "predicted": "the scoring",
    "scoring": "its scores are recorded",
    "scored": "it joins the leaderboard",
    "published": "nothing: this is done",
    "failed": "nothing: mend it, commit, and push a new tag",
    "cancelled": "nothing: tag a new commit to submit again",
}


def can_move(from_state: State, to_state: State) -> bool:
    """Tell whether a submission may go from one state to another.

    Besides the forward moves, what is not judged yet may fail, be cancelled, or go back to
    `received` for another attempt.
    """
    if to_state in _FORWARD.get(from_state, frozenset()):
        return True
    return from_state not in JUDGED and to_state in ("received", "failed", "cancelled")


def what_next(state: State) -> str:
    """Return what comes after a state, as the rest of a sentence that begins with `next:`."""
    return _NEXT[state]
