"""What somebody may do beside taking part: organizers see what is kept back, providers give data.

Whoever types `diychallenge` on the machine needs no role; a role is for the portal.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from blueprint import audit
from blueprint.database.schema import roles
from blueprint.errors import InputError, NotFoundError
from blueprint.people.accounts import Account, account_by_email, account_by_username
from blueprint.people.person import load_person
from blueprint.platform import Platform

Role = Literal["organizer", "provider"]
ROLES: tuple[Role, ...] = ("organizer", "provider")
"""Whoever registered is a participant: that is their profile, and needs no row here."""


def roles_of(connection: Connection, person_id: int) -> frozenset[Role]:
    """Return the roles of somebody; none are left of one whose access is withdrawn."""
    person = load_person(connection, person_id)
    if person is not None and person.status == "revoked":
        return frozenset()
    query = select(roles.c.role).where(roles.c.person_id == person_id)
    held = set(connection.execute(query).scalars())
    return frozenset(role for role in ROLES if role in held)


def give_role(
    platform: Platform, username: str, role: str, *, by: str, now: datetime
) -> frozenset[Role]:
    """Give somebody a role and return all that they have; a second call changes nothing.

    Raises:
        InputError: There is no such role, or the mail address is not verified.
        NotFoundError: There is no such account.
    """
    wanted = _known(role)
    with platform.database.write("people") as connection:
        account = _demand(connection, username)
        if account.email_verified_at is None:
            raise InputError(
                f"{account.username}: the mail address {account.email} is not verified",
                hint=f"`diychallenge people verify {account.username}` if you know it to be right",
            )
        mine = (roles.c.person_id == account.id) & (roles.c.role == wanted)
        if connection.execute(select(roles.c.role).where(mine)).first() is None:
            row = {"person_id": account.id, "role": wanted, "given_at": now, "given_by": by}
            connection.execute(insert(roles).values(row))
            audit.append(connection, now, by, "role.given", account.username, {"role": wanted})
        return roles_of(connection, account.id)


def take_role(
    platform: Platform, username: str, role: str, *, by: str, now: datetime
) -> frozenset[Role]:
    """Take a role away and return those that are left; a second call changes nothing.

    Raises:
        InputError: There is no such role.
        NotFoundError: There is no such account.
    """
    wanted = _known(role)
    with platform.database.write("people") as connection:
        account = _demand(connection, username)
        mine = (roles.c.person_id == account.id) & (roles.c.role == wanted)
        if connection.execute(delete(roles).where(mine)).rowcount:
            audit.append(connection, now, by, "role.taken", account.username, {"role": wanted})
        return roles_of(connection, account.id)


def _known(text: str) -> Role:
    for role in ROLES:
        if text == role:
            return role
    raise InputError(f"{text!r} is no role", hint=f"one of {', '.join(ROLES)}")


def _demand(connection: Connection, login: str) -> Account:
    find = account_by_email if "@" in login else account_by_username
    account = find(connection, login)
    if account is None:
        raise NotFoundError(
            f"there is no account {login!r}", hint="`diychallenge people list` shows everybody"
        )
    return account
