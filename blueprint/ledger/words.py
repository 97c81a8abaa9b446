"""Every state of a submission, and every way in which one fails, in words: the one table.

Pages, the command line and the answers to pushes read it; nobody else maps a state to words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from blueprint.ledger.states import FaultClass, State

Audience = Literal["participant", "organizer"]
"""Who reads: a member of the team that pushed, or those who run the challenge."""


@dataclass(frozen=True)
class Words:
    """What one audience reads of a state, or of a failure."""

    label: str
    """In a word or two, for a mark or a step: `Scoring`."""
    happening: str
    """The rest of a sentence that begins with `now:`."""
    next: str
    """The rest of a sentence that begins with `next:`."""
    explained: str = ""
    """Of a failure: whose fault it was, and what that means, in a sentence of its own."""


def _same(label: str, happening: str, following: str) -> Mapping[Audience, Words]:
    words = Words(label, happening, following)
    return {"participant": words, "organizer": words}


STATE_WORDS: Mapping[State, Mapping[Audience, Words]] = {
    "received": _same(
        "Received",
        "its files are being taken out of the repository and checked",
        "its files are taken out of the repository and checked",
    ),
    "checked": _same(
        "Checked",
        "its files are in order",
        "it runs on one case as a trial, then on all (predictions are read at once)",
    ),
    "building": _same("Preparing", "its image is being built", "the trial on one case"),
    "built": _same("Prepared", "its image is built", "the trial on one case"),
    "canary": _same(
        "Trying one case", "it is running on one case, as a trial", "it runs on all cases"
    ),
    "predicting": _same(
        "Running on all cases", "it is running on all cases", "its outputs are checked"
    ),
    "predicted": _same("Predictions collected", "its outputs are in order", "the scoring"),
    "scoring": _same("Scoring", "its outputs are being scored", "its scores are recorded"),
    "scored": _same("Scored", "it is scored", "it joins the leaderboard"),
    "published": _same("Published", "it is on the leaderboard", "nothing: this is done"),
    "failed": {
        "participant": Words("Failed", "it failed", "nothing: mend it, commit, and push a new tag"),
        "organizer": Words("Failed", "it failed", "nothing, until the team pushes a new tag"),
    },
    "cancelled": {
        "participant": Words(
            "Cancelled", "it was cancelled", "nothing: tag a new commit to submit again"
        ),
        "organizer": Words(
            "Cancelled", "it was cancelled", "nothing, until the team tags a new commit"
        ),
    },
}

FAULT_WORDS: Mapping[FaultClass, Mapping[Audience, Words]] = {
    "participant": {
        "participant": Words(
            "Fault of the submission",
            "it failed, by a fault in the submission",
            "nothing: mend it, commit, and push a new tag",
            "Something in the submission stopped it.",
        ),
        "organizer": Words(
            "Fault of the submission",
            "it failed, by a fault in the submission",
            "nothing: the team mends it, commits, and pushes a new tag",
            "Something in the submission stopped it. It counts against the team's quota.",
        ),
    },
    "organizer": {
        "participant": Words(
            "Fault of the organizers",
            "it failed, by a fault of the organizers; its quota was given back",
            "nothing you can mend: tag a new commit, even an empty one, to submit again",
            "Something in the challenge stopped it. It does not count against your quota.",
        ),
        "organizer": Words(
            "Fault of the organizers",
            "it failed, by a fault in the challenge's data or settings; its quota was given back",
            "mend what the message names; then the team tags a new commit, even an empty one",
            "Something in the challenge stopped it. It does not count against the team's quota.",
        ),
    },
    "platform": {
        "participant": Words(
            "Fault of the platform",
            "it failed, by a fault of the platform; its quota was given back",
            "nothing you can mend: tag a new commit, even an empty one, to submit again",
            "The platform failed. It does not count against your quota.",
        ),
        "organizer": Words(
            "Fault of the platform",
            "it failed, by a fault of the platform; its quota was given back",
            "look for the cause in the attempts below, `diychallenge status` and `diychallenge"
            " logs`; then the team tags a new commit, even an empty one",
            "The platform failed. It does not count against the team's quota.",
        ),
    },
}  # fmt: skip

KEPT_BACK = "nothing for now: its board is kept back, and shows it once the board is published"
"""What follows `scored` where the board is hidden."""


def words_of(
    state: State, fault_class: FaultClass | None = None, audience: Audience = "participant"
) -> Words:
    """Return a state in words; of a failure, with whose fault it was."""
    if state == "failed" and fault_class is not None:
        return FAULT_WORDS[fault_class][audience]
    return STATE_WORDS[state][audience]


def label_of(state: State) -> str:
    """Return the short name of a state: the same for everybody."""
    return STATE_WORDS[state]["participant"].label
