"""A person as the platform knows them, and how to find one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from blueprint.database.connection import Database
from blueprint.database.schema import people, teams

Status = Literal["registered", "waiting", "approved", "revoked"]
"""registered: agreements are open; waiting: an organizer decides; then approved or revoked."""


@dataclass(frozen=True)
class Person:
    """One account; it never holds the password's hash."""

    id: int
    username: str
    email: str
    name: str
    status: Status
    team_id: int | None
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


_SELECT = select(
    *(column for column in people.c if column is not people.c.password_hash),
    teams.c.slug.label("team_slug"),
    teams.c.name.label("team_name"),
).outerjoin_from(people, teams, people.c.team_id == teams.c.id)


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
    query = _SELECT.order_by(people.c.id)
    if status is not None:
        query = query.where(people.c.status == status)
    with database.read() as connection:
        return [_person(row) for row in connection.execute(query).mappings()]


def load_person(connection: Connection, person_id: int) -> Person | None:
    """Return the person of that id inside a transaction, or None."""
    return _one(connection, people.c.id == person_id)


def person_by_login(connection: Connection, login: str) -> Person | None:
    """Return the person of that username or mail address inside a transaction, or None."""
    wanted = login.strip().lower()
    column = people.c.email if "@" in wanted else people.c.username
    return _one(connection, column == wanted)


def _one(connection: Connection, condition: ColumnElement[bool]) -> Person | None:
    row = connection.execute(_SELECT.where(condition)).mappings().first()
    return _person(row) if row else None


def _person(row: RowMapping) -> Person:
    fields: dict[str, Any] = dict(row)
    return Person(**fields)
