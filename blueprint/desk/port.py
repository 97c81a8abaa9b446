"""The port between evaluator and platform: where work is fetched, kept, and handed in."""

from pathlib import Path
from typing import Literal, Protocol

from blueprint.desk.ticket import Hold, Offers, Ticket
from blueprint.errors import InputError, ToolError
from blueprint.ledger.outcomes import AttemptFault, Result
from blueprint.ledger.states import State

Keep = Literal["renewed", "withdrawn", "stopping"]
"""What the desk says to a worker: go on; stop, it is yours no more or was cancelled; leave it
as it is, the platform ends."""

MAX_LOG_BYTES = 64 * 1024
"""A submission's log; its end is kept."""


OTHER_DATA = "other-data"
"""The code of a fault that is no verdict: the evaluator's files are not those that the ticket
names by their digest. The work goes back into the queue, uncounted, until they are."""

_CUT = "[the beginning is left out: a log is at most 64 KiB]\n"


def shortened(log: str) -> str:
    """Return a log of at most 64 KiB in UTF-8: its end is kept, the rest is named."""
    content = log.encode("utf-8", errors="replace")
    if len(content) <= MAX_LOG_BYTES:
        return content.decode("utf-8")
    return _CUT + content[len(_CUT) - MAX_LOG_BYTES :].decode("utf-8", "ignore")


class DeskUnreachableError(ToolError):
    """The platform did not answer; whether it did what was asked is not known. Ask again."""


class CodeError(InputError):
    """The commit holds something that a submission may not hold; the message says what."""


class Desk(Protocol):
    """The platform as an evaluation host sees it.

    Everything may be asked again when an answer got lost: the second answer is that of the
    first, and nothing happens twice. Each method with a hold raises `LostLease` when the work is
    another's by now; nothing was changed then.
    """

    def lease(self, worker: str, offers: Offers | None) -> Ticket | None:
        """Return the work that waits longest, or None.

        Args:
            worker: Who asks; a worker has one piece of work at a time.
            offers: What it has; None takes anything.
        """

    def keep(self, hold: Hold, *, note: str | None = None, log: str | None = None) -> Keep:
        """Hold on for another while.

        Args:
            hold: The work; a lost one is answered with `withdrawn`.
            note: What is happening, in words (`case 3 of 8`).
            log: What participants may read of it so far, whole.
        """

    def advance(self, hold: Hold, to: State, note: str = "") -> None:
        """Move the submission to its next state; being there already is no error."""

    def fetch_code(self, hold: Hold, into: Path) -> int:
        """Write the submission's files into an empty folder and return how many there are.

        Of predictions only their folder is written, without its own name.

        Raises:
            CodeError: The commit holds what a submission may not hold.
        """

    def fail(self, hold: Hold, fault: AttemptFault, *, log: str | None = None) -> None:
        """End the attempt with a fault; where a cancellation was asked for, as cancelled.

        With the code OTHER_DATA nobody is at fault: the work is put off.
        """

    def record(self, hold: Hold, result: Result, *, log: str | None = None) -> None:
        """Write the scores down, once; where a cancellation was asked for, end as cancelled.

        Raises:
            ResultError: They are not those of the task (over HTTPS: `ToolError`).
        """

    def release(self, worker: str) -> None:
        """Put back into the queue what the worker still holds on paper, at nobody's cost."""
