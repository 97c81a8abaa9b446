"""Which boards anybody may see, and since when: the file says it, or an organizer's publication."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from blueprint import audit
from blueprint.clock import to_text
from blueprint.config.model import Challenge, Phase, VisibleFrom
from blueprint.database.connection import Database
from blueprint.database.schema import publications
from blueprint.errors import ConflictError, NotFoundError
from blueprint.platform import Platform


@dataclass(frozen=True)
class Publication:
    """An organizer's decision to show a board that the file keeps back."""

    published_at: datetime
    published_by: str


@dataclass(frozen=True)
class Visibility:
    """Whether a phase's board is shown at a moment, and why."""

    is_shown: bool
    opens: datetime | None = None
    """From when the file shows it; None where the file names no moment."""
    publication: Publication | None = None
    is_preview: bool = False
    """Shown to organizers alone, who asked for what nobody else sees."""

    @property
    def words(self) -> str:
        """Why it is shown or not, in a few words for organizers."""
        if self.publication is not None:
            at = to_text(self.publication.published_at)
            return f"published by {self.publication.published_by} at {at}"
        if self.opens is not None:
            return f"{'shown since' if self.is_shown else 'hidden until'} {to_text(self.opens)}"
        return "live" if self.is_shown else "hidden"


Visibilities = Mapping[str, Visibility]
"""By phase."""


def visibility_of(phase: Phase, publication: Publication | None, now: datetime) -> Visibility:
    """Return how a phase's board stands at `now`."""
    opens = phase.board.visible.from_ if isinstance(phase.board.visible, VisibleFrom) else None
    is_live = phase.board.visible == "live" or (opens is not None and opens <= now)
    return Visibility(is_live or publication is not None, opens, publication)


def visibilities(connection: Connection, challenge: Challenge, now: datetime) -> Visibilities:
    """Return how the boards of all phases stand at `now`."""
    rows = connection.execute(select(publications)).mappings()
    known = {row["phase"]: Publication(row["published_at"], row["published_by"]) for row in rows}
    return {phase.id: visibility_of(phase, known.get(phase.id), now) for phase in challenge.phases}


def shown_phases(connection: Connection, challenge: Challenge, now: datetime) -> tuple[str, ...]:
    """Return the phases whose boards anybody may see at `now`."""
    found = visibilities(connection, challenge, now)
    return tuple(phase for phase, one in found.items() if one.is_shown)


def moments(challenge: Challenge) -> Iterable[datetime]:
    """Return the moments at which the file shows a board that it kept back until then."""
    boards = (phase.board.visible for phase in challenge.phases)
    return [board.from_ for board in boards if isinstance(board, VisibleFrom)]


def read_visibilities(platform: Platform, now: datetime) -> Visibilities:
    """Return how the boards of a deployment stand at `now`."""
    with platform.database.read() as connection:
        return visibilities(connection, platform.challenge, now)


def demand_hidden(platform: Platform, phase_id: str, now: datetime) -> Visibility:
    """Return how a phase's board stands, which must be one that nobody sees.

    Raises:
        NotFoundError: There is no such phase.
        ConflictError: Its board is shown already.
    """
    return _demand_hidden(read_visibilities(platform, now), phase_id)


def publish_phase(
    database: Database, challenge: Challenge, phase_id: str, *, by: str, now: datetime
) -> Visibility:
    """Show the board of a phase that the file keeps back; the audit log says who decided it.

    Raises:
        NotFoundError: There is no such phase.
        ConflictError: Its board is shown already.
    """
    with database.write("publications") as connection:
        found = _demand_hidden(visibilities(connection, challenge, now), phase_id)
        row = {"phase": phase_id, "published_at": now, "published_by": by}
        connection.execute(insert(publications).values(row))
        audit.append(connection, now, by, "leaderboard.published", phase_id, {})
    return Visibility(is_shown=True, opens=found.opens, publication=Publication(now, by))


def _demand_hidden(found: Visibilities, phase_id: str) -> Visibility:
    one = found.get(phase_id)
    if one is None:
        raise NotFoundError(
            f"there is no phase {phase_id!r}", hint=f"the phases are {', '.join(found)}"
        )
    if one.is_shown:
        raise ConflictError(f"the board of {phase_id} is shown already: {one.words}")
    return one
