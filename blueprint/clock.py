"""The one place where time is read; everything else has it passed in."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, aware and in UTC."""


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Return seconds on a clock that never goes back; only differences mean anything."""
    return time.monotonic()


def to_text(moment: datetime) -> str:
    """Return an aware moment as ISO 8601 in UTC with a `Z`, in whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
