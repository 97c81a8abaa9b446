"""Says of a submission, at every state: what is happening, since when, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from blueprint.clock import to_text
from blueprint.ledger.submissions import Submission
from blueprint.ledger.words import KEPT_BACK, Audience, words_of


@dataclass(frozen=True)
class Progress:
    """Three answers for a person who looks at a submission."""

    happening: str
    since: datetime
    next: str


def progress_of(
    submission: Submission,
    now: datetime,
    *,
    ahead: int | None = None,
    audience: Audience = "participant",
    is_shown: bool = True,
) -> Progress:
    """Return where a submission stands.

    Args:
        submission: Which one.
        now: The present.
        ahead: How many wait in the queue before it (`waiting_before`), when that is known.
        audience: Who reads it: what a person can do next depends on that.
        is_shown: Whether its board is shown to the public.
    """
    since = submission.state_since
    if submission.cancel_requested and submission.state != "cancelled":
        return Progress("it is being stopped, as was asked for", since, "it ends as cancelled")
    if submission.state == "received" and submission.lease_until is None:
        return _waiting(submission, now, ahead)
    words = words_of(submission.state, submission.fault_class, audience)
    happening = words.happening
    if submission.note and submission.note != submission.fault_message:
        happening = f"{happening} ({submission.note})"
    if submission.state == "checked" and submission.kind == "predictions":
        return Progress(happening, since, "its predictions are read")
    is_kept_back = submission.state == "scored" and not is_shown
    return Progress(happening, since, KEPT_BACK if is_kept_back else words.next)


def _waiting(submission: Submission, now: datetime, ahead: int | None) -> Progress:
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
    return Progress(happening, submission.state_since, words_of("received").next)
