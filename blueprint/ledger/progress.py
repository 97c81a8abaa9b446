"""Says of a submission, at every state: what is happening, since when, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from blueprint.clock import to_text
from blueprint.ledger.states import State, what_next
from blueprint.ledger.submissions import Submission

_HAPPENING: dict[State, str] = {
    "received": "its files are being taken out of the repository and checked",
    "checked": "its files are in order",
    "building": "its image is being built",
    "built": "its image is built",
    "canary": "it is running on one case, as a trial",
    "predicting": "it is running on all cases",
    "predicted": "its outputs are in order",
    "scoring": "its outputs are being scored",
    "scored": "it is scored",
    "published": "it is on the leaderboard",
    "cancelled": "it was cancelled",
}
_BLAME = {
    "participant": "it failed, by a fault in the submission",
    "organizer": "it failed, by a fault of the organizers; its quota was given back",
    "platform": "it failed, by a fault of the platform; its quota was given back",
}


@dataclass(frozen=True)
class Progress:
    """Three answers for a person who looks at a submission."""

    happening: str
    since: datetime
    next: str


def progress_of(submission: Submission, now: datetime, *, ahead: int | None = None) -> Progress:
    """Return where a submission stands.

    Args:
        submission: Which one.
        now: The present.
        ahead: How many wait in the queue before it (`waiting_before`), when that is known.
    """
    since = submission.state_since
    if submission.cancel_requested and submission.state != "cancelled":
        return Progress("it is being stopped, as was asked for", since, "it ends as cancelled")
    if submission.state == "received" and submission.lease_until is None:
        return _waiting(submission, now, ahead)
    happening = _HAPPENING.get(submission.state, "")
    if submission.state == "failed":
        happening = _BLAME[submission.fault_class or "platform"]
    if submission.note and submission.note != submission.fault_message:
        happening = f"{happening} ({submission.note})"
    return Progress(happening, since, _next(submission))


def _waiting(submission: Submission, now: datetime, ahead: int | None) -> Progress:
    following = what_next("received")
    if submission.confirmed_at is None:
        return Progress("it is checked; git is storing its tag", submission.state_since,
                        "it is accepted with a receipt and joins the queue, or its try is given"
                        " back when no tag comes")  # fmt: skip
    if submission.not_before is not None and submission.not_before > now:
        happening = f"it waits until {to_text(submission.not_before)} to be tried again"
    elif ahead is None:
        happening = "it waits in the queue"
    elif ahead == 0:
        happening = "it is the next in the queue"
    else:
        happening = f"it waits in the queue, {ahead} before it"
    if submission.note:
        happening = f"{happening} ({submission.note})"
    return Progress(happening, submission.state_since, following)


def _next(submission: Submission) -> str:
    if submission.state == "checked" and submission.kind == "predictions":
        return "its predictions are read"
    if submission.state == "failed" and submission.fault_class != "participant":
        return "nothing you can mend: tag a new commit, even an empty one, to submit again"
    return what_next(submission.state)
