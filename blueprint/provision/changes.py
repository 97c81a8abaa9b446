"""What a provisioning did: one entry a write, each told only once it was read back."""

from collections.abc import Callable
from dataclasses import dataclass

from blueprint.errors import ToolError


@dataclass(frozen=True)
class Change:
    """Something that was not as wanted and now is."""

    thing: str
    """What: `bucket demo-logs`."""
    what: str
    """What was done to it: `made`."""

    def __str__(self) -> str:
        return f"{self.thing}: {self.what}"


Report = Callable[[Change], None]
"""Told of each change as soon as it holds."""


def ensure(thing: str, what: str, *, holds: Callable[[], bool], make: Callable[[], None],
           report: Report) -> None:  # fmt: skip
    """Make sure that something holds: look, change it where it does not, look again.

    Raises:
        ToolError: It was changed and still does not hold.
    """
    if holds():
        return
    make()
    if not holds():
        raise ToolError(
            f"{thing}: could not be {what}: the server said yes, and reads back as before",
            hint="look at the log of the server, then deploy again",
        )
    report(Change(thing, what))
