"""What is open at a moment: phases and registration."""

from datetime import datetime
from typing import Literal

from blueprint.config.model import Challenge, Phase

Status = Literal["upcoming", "open", "closed"]


def phase_status(phase: Phase, now: datetime) -> Status:
    """Return whether `phase` takes submissions at `now`; both ends belong to it."""
    return _status(phase.opens, phase.closes, now)


def open_phases(challenge: Challenge, now: datetime) -> tuple[Phase, ...]:
    """Return the phases that take submissions at `now`, in the order of the file."""
    return tuple(phase for phase in challenge.phases if phase_status(phase, now) == "open")


def registration_status(challenge: Challenge, now: datetime) -> Status:
    """Return whether people may register at `now`.

    Without `people.registration` it is open until the last phase closes, from the beginning.
    """
    registration = challenge.people.registration
    if registration is not None:
        return _status(registration.opens, registration.closes, now)
    last = max(phase.closes for phase in challenge.phases)
    return "open" if now <= last else "closed"


def _status(opens: datetime, closes: datetime, now: datetime) -> Status:
    if now < opens:
        return "upcoming"
    # `closes` names a whole second, 23:59:59 for a bare date: it lasts until that second ends.
    return "open" if now.replace(microsecond=0) <= closes else "closed"
