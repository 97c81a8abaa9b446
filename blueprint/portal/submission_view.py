"""What a submission's page says: where it is, since when, what comes next, its place in line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from blueprint.clock import to_text
from blueprint.database.connection import Database
from blueprint.ledger.progress import progress_of
from blueprint.ledger.states import ENDED, JUDGED, State
from blueprint.ledger.submissions import Submission, waiting_before
from blueprint.ledger.words import label_of, words_of

_CODE_PATH: tuple[State, ...] = (
    "received", "checked", "canary", "predicting", "predicted", "scoring", "scored", "published",
)  # fmt: skip
_PREDICTIONS_PATH: tuple[State, ...] = (
    "received", "checked", "predicted", "scoring", "scored", "published",
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """A submission as its pages show it."""

    submission: Submission
    words: str
    """The state in plain words."""
    now: str
    """What is happening, in a few words."""
    next: str
    """What comes next."""
    path: tuple[tuple[str, str], ...]
    """The states on the way with how they stand: done, now or later; empty off the way."""
    queue_position: int
    """1 is the next to be taken up; 0 is not waiting."""
    fault: str
    """Whose fault it was, in a sentence; empty without one."""
    blame: str
    """The same in a few words."""
    ends_scored: bool
    """True where the board is not shown now: nothing follows after the scores."""

    @property
    def is_moving(self) -> bool:
        """True while the page may still change."""
        state = self.submission.state
        return state not in ENDED and not (state == "scored" and self.ends_scored)

    @property
    def tone(self) -> Literal["good", "bad", "wait"]:
        """How the state is coloured."""
        if self.submission.state in ("failed", "cancelled"):
            return "bad"
        return "good" if self.submission.state in JUDGED else "wait"

    def document(self) -> dict[str, object]:
        """Return state.json: what scripts read, and what the page watches."""
        submission = self.submission
        return {
            "submission": submission.id,
            "phase": submission.phase,
            "state": submission.state,
            "words": self.words,
            "since": to_text(submission.state_since),
            "now": self.now,
            "next": self.next,
            "queue_position": self.queue_position,
            "attempt": submission.attempt,
            "is_finished": not self.is_moving,
            "fault_class": submission.fault_class,
            "fault_code": submission.fault_code,
            "fault_message": submission.fault_message,
        }


def view_of(
    database: Database, submission: Submission, now: datetime, *, is_shown: bool = True
) -> View:
    """Return a submission as the pages show it at `now`, with a board that is shown or not."""
    is_held = submission.lease_until is not None or submission.confirmed_at is None
    is_waiting = submission.state == "received" and not is_held
    ahead = waiting_before(database, submission) if is_waiting else None
    told = progress_of(submission, now, ahead=ahead, is_shown=is_shown)
    said = words_of(submission.state, submission.fault_class)
    return View(
        submission=submission,
        words=label_of(submission.state),
        now=told.happening,
        next=told.next,
        path=_path(submission),
        queue_position=0 if ahead is None else 1 + ahead,
        fault=said.explained,
        blame=said.label if submission.fault_class else "",
        ends_scored=not is_shown,
    )


def _path(submission: Submission) -> tuple[tuple[str, str], ...]:
    states = _CODE_PATH if submission.kind == "code" else _PREDICTIONS_PATH
    if submission.state not in states:
        return ()
    here = states.index(submission.state)
    is_end = submission.state == states[-1]
    return tuple(
        (label_of(state), "done" if index < here or is_end else "now" if index == here else "later")
        for index, state in enumerate(states)
    )
