"""Teams: made at registration; a member is one by the organizer's approval."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, insert, select

from blueprint.config.model import Challenge
from blueprint.database.connection import Database
from blueprint.database.schema import accounts, profiles, teams
from blueprint.people import names
from blueprint.people.person import Person

TeamStanding = Literal["competing", "baseline", "organizer", "withdrawn", "disqualified"]
"""competing: ranked; baseline, organizer: shown without rank; the others are not shown at all."""


@dataclass(frozen=True)
class Team:
    """A team; its slug names its repository, `/git/<slug>.git`."""

    id: int
    slug: str
    name: str
    created_at: datetime
    code_number: int
    """How often the team's code was renewed."""
    standing: TeamStanding = "competing"
    standing_reason: str = ""
    standing_since: datetime | None = None
    standing_by: str | None = None


def find_team(database: Database, slug: str) -> Team | None:
    """Return the team of that slug, or None."""
    with database.read() as connection:
        return team_by_slug(connection, slug)


def list_teams(database: Database) -> list[Team]:
    """Return all teams in the order of their making."""
    with database.read() as connection:
        rows = connection.execute(select(teams).order_by(teams.c.id)).mappings()
        return [Team(**row) for row in rows]


def members_of(database: Database, slug: str) -> list[str]:
    """Return the usernames of a team's approved people, in order of registration."""
    return _usernames(database, slug, ("approved",))


def candidates_of(database: Database, slug: str) -> list[str]:
    """Return the usernames of those who asked to join a team and are not approved yet."""
    return _usernames(database, slug, ("registered", "waiting"))


def is_name_taken(connection: Connection, slug: str, *, but: int | None = None) -> bool:
    """Tell whether a team has a name that reads so, or had it when it was made.

    Args:
        connection: A transaction.
        slug: What a name becomes (`names.team_slug`).
        but: The id of a team that does not count.
    """
    others = connection.execute(select(teams.c.id, teams.c.slug, teams.c.name))
    return any(
        slug in (other.slug, names.team_slug(other.name)) for other in others if other.id != but
    )


def create_team(connection: Connection, name: str, now: datetime) -> int:
    """Make a team inside a transaction and return its id; the name was judged before."""
    values = {
        "slug": names.team_slug(name),
        "name": unicodedata.normalize("NFC", name),
        "created_at": now,
        "code_number": 0,
    }
    return int(connection.execute(insert(teams).values(values).returning(teams.c.id)).scalar_one())


def member_count(connection: Connection, team_id: int) -> int:
    """Return how many people are in the team: the approved ones."""
    members = (profiles.c.team_id == team_id) & (profiles.c.status == "approved")
    return int(connection.execute(select(func.count()).where(members)).scalar_one())


def has_room(connection: Connection, challenge: Challenge, person: Person) -> bool:
    """Tell whether the person's team has a place for them, or needs none: they have it."""
    if person.team_id is None or person.is_member:
        return True
    return member_count(connection, person.team_id) < challenge.people.teams.max_members


def team_by_slug(connection: Connection, slug: str) -> Team | None:
    """Return the team of that slug inside a transaction, or None."""
    row = connection.execute(select(teams).where(teams.c.slug == slug)).mappings().first()
    return Team(**row) if row else None


def team_by_id(connection: Connection, team_id: int) -> Team:
    """Return the team of that id inside a transaction."""
    return Team(**connection.execute(select(teams).where(teams.c.id == team_id)).mappings().one())


def _usernames(database: Database, slug: str, statuses: tuple[str, ...]) -> list[str]:
    query = (
        select(accounts.c.username)
        .join(profiles, profiles.c.person_id == accounts.c.id)
        .join(teams, profiles.c.team_id == teams.c.id)
        .where(teams.c.slug == slug, profiles.c.status.in_(statuses))
        .order_by(accounts.c.id)
    )
    with database.read() as connection:
        return list(connection.execute(query).scalars())
