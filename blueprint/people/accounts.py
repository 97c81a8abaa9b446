"""The accounts of people: registering, logging in, finding."""

from sqlalchemy import select, update

from blueprint.database.connection import Database
from blueprint.database.schema import people
from blueprint.people import passwords
from blueprint.people.person import (
    Person,
    Status,
    find_person,
    list_people,
    person_by_id,
    person_by_login,
)
from blueprint.people.registration import Registration, register

__all__ = [
    "Person", "Registration", "Status", "authenticate", "find_person", "list_people",
    "person_by_id", "register",
]  # fmt: skip


def authenticate(
    database: Database, login: str, password: str, *, is_suspect: bool = False
) -> Person | None:
    """Return the person whose username (or mail address) and password these are, or None.

    An unknown name, a wrong password and a revoked account give the same answer after the same
    time. The caller asks `throttle.LoginThrottle` first, which says whether the login is suspect
    (then it is compared when no other such one is). It takes some 30 ms of one core.
    """
    with database.read() as connection:
        person = person_by_login(connection, login)
        query = select(people.c.password_hash).where(people.c.id == (person.id if person else -1))
        stored = connection.execute(query).scalar()
    matches = passwords.is_password(stored, password, is_suspect=is_suspect)
    if not matches or person is None or stored is None or person.status == "revoked":
        return None
    if passwords.is_outdated(stored):
        _rehash(database, person.id, stored, password)
    return person


def _rehash(database: Database, person_id: int, stored: str, password: str) -> None:
    renewed = passwords.hash_password(password)
    with database.write() as connection:
        same = (people.c.id == person_id) & (people.c.password_hash == stored)
        connection.execute(update(people).where(same).values(password_hash=renewed))
