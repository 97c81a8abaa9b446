"""A person as the platform knows them, and how to find one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from blueprint.database.connection import Database
from blueprint.database.schema import accounts, profiles, teams

Status = Literal["registered", "waiting", "approved", "revoked"]
"""registered: agreements are open; waiting: an organizer decides; then approved or revoked."""


@dataclass(frozen=True)
class Person:
    """An account with its profile: somebody who registered to take part."""

    id: int
    username: str
    email: str
    email_verified_at: datetime | None
    """When the person (or an organizer for them) proved the address; None: nobody did."""
    name: str
    status: Status
    team_id: int | None
    """The team that they founded or asked to join; they are in it when `is_member` says so."""
    team_slug: str | None
    team_name: str | None
    answers: dict[str, str]
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None

    @property
    def is_member(self) -> bool:
        """True for a member of a team: one by approval, not by having asked to join."""
        return self.status == "approved" and self.team_id is not None


_SELECT = (
    select(
        accounts.c.id,
        accounts.c.username,
        accounts.c.email,
        accounts.c.email_verified_at,
        profiles.c.name,
        profiles.c.status,
        profiles.c.team_id,
        teams.c.slug.label("team_slug"),
        teams.c.name.label("team_name"),
        profiles.c.answers,
        profiles.c.registered_at.label("created_at"),
        profiles.c.decided_at,
        profiles.c.decided_by,
    )
    .join_from(accounts, profiles, profiles.c.person_id == accounts.c.id)
    .outerjoin(teams, profiles.c.team_id == teams.c.id)
)


def find_person(database: Database, login: str) -> Person | None:
    """Return the person with that username or mail address, or None."""
    with database.read() as connection:
        return person_by_login(connection, login)


def person_by_id(database: Database, person_id: int) -> Person | None:
    """Return the person of that id, or None."""
    with database.read() as connection:
        return load_person(connection, person_id)


def list_people(database: Database, *, status: Status | None = None) -> list[Person]:
    """Return everybody (or everybody of one status), in the order of registration."""
    query = _SELECT.order_by(accounts.c.id)
    if status is not None:
        query = query.where(profiles.c.status == status)
    with database.read() as connection:
        return [_person(row) for row in connection.execute(query).mappings()]


def load_person(connection: Connection, person_id: int) -> Person | None:
    """Return the person of that id inside a transaction, or None."""
    return _one(connection, accounts.c.id == person_id)


def person_by_login(connection: Connection, login: str) -> Person | None:
    """Return the person of that username or mail address inside a transaction, or None."""
    wanted = login.strip().lower()
    column = accounts.c.email if "@" in wanted else accounts.c.username
    return _one(connection, column == wanted)


def _one(connection: Connection, condition: ColumnElement[bool]) -> Person | None:
    row = connection.execute(_SELECT.where(condition)).mappings().first()
    return _person(row) if row else None


def _person(row: RowMapping) -> Person:
    fields: dict[str, Any] = dict(row)
    return Person(**fields)
