"""The states of a submission and the moves between them; `words` says each in words."""

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


def can_move(from_state: State, to_state: State) -> bool:
    """Tell whether a submission may go from one state to another.

    Besides the forward moves, what is not judged yet may fail, be cancelled, or go back to
    `received` for another attempt.
    """
    if to_state in _FORWARD.get(from_state, frozenset()):
        return True
    return from_state not in JUDGED and to_state in ("received", "failed", "cancelled")
