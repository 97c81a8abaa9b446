"""Accounts: who somebody is, whichever identity said so; found, made, and proven by mail."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from blueprint import audit
from blueprint.adapters.identity_port import Claims
from blueprint.database.schema import accounts
from blueprint.errors import ConflictError
from blueprint.people import names
from blueprint.people.agreements import settle
from blueprint.people.person import load_person
from blueprint.platform import Platform

LOCAL = "local"
"""The issuer of accounts whose password is kept here."""
_MAX_USERNAME = 39


@dataclass(frozen=True)
class Account:
    """Somebody who can log in; taking part needs a profile beside it (`person.Person`)."""

    id: int
    issuer: str
    subject: str
    username: str
    email: str
    email_verified_at: datetime | None
    created_at: datetime


def load_account(connection: Connection, account_id: int) -> Account | None:
    """Return the account of that id inside a transaction, or None."""
    return _one(connection, accounts.c.id == account_id)


def account_by_email(connection: Connection, email: str) -> Account | None:
    """Return the account with that address inside a transaction, or None."""
    return _one(connection, accounts.c.email == email.strip().lower())


def account_by_username(connection: Connection, username: str) -> Account | None:
    """Return the account of that username inside a transaction, or None."""
    return _one(connection, accounts.c.username == username.strip().lower())


def ensure_account(platform: Platform, claims: Claims, now: datetime) -> Account:
    """Return the account of whom an identity named, made when this is their first login.

    An address that the issuer has verified since is noted as verified, and lets its owner in
    where nobody else has to.

    Raises:
        ConflictError: The issuer gives no address, or one that another account has.
    """
    same = (accounts.c.issuer == claims.issuer) & (accounts.c.subject == claims.subject)
    with platform.database.read() as connection:
        found = _one(connection, same)
    is_news = claims.is_email_verified and found is not None and found.email_verified_at is None
    if found is not None and not (is_news and found.email == claims.email.lower()):
        return found
    with platform.database.write("people") as connection:
        found = _one(connection, same)  # another request may have been quicker
        if found is None:
            return _first_login(connection, claims, now)
        verify_address(connection, found.id, now, by=found.username)
        person = load_person(connection, found.id)
        if person is not None:
            settle(connection, platform.challenge, person, now)
        return _one(connection, same) or found


def insert_account(connection: Connection, claims: Claims, now: datetime) -> Account:
    """Make an account inside a transaction; username and address were judged before."""
    row = {
        "issuer": claims.issuer,
        "subject": claims.subject,
        "username": claims.username,
        "email": claims.email.lower(),
        "email_verified_at": now if claims.is_email_verified else None,
        "created_at": now,
    }
    query = insert(accounts).values(row).returning(accounts.c.id)
    account = load_account(connection, connection.execute(query).scalar_one())
    if account is None:
        raise AssertionError("the row that was just inserted is gone")
    return account


def verify_address(connection: Connection, account_id: int, now: datetime, *, by: str) -> None:
    """Note that an account's address is proven; a second call changes nothing."""
    account = load_account(connection, account_id)
    if account is None or account.email_verified_at is not None:
        return
    mine = accounts.c.id == account_id
    connection.execute(update(accounts).where(mine).values(email_verified_at=now))
    audit.append(connection, now, by, "address.verified", account.username, {})


def _first_login(connection: Connection, claims: Claims, now: datetime) -> Account:
    fault = names.email_fault(claims.email)
    if fault:
        raise ConflictError(
            "your login gives no mail address that could be used here",
            hint="add one to your account at the login service, then log in again",
        )
    if account_by_email(connection, claims.email) is not None:
        raise ConflictError(
            "another account here has the mail address of your login",
            hint="log in as you did before, or write to the organizers",
        )
    username = _free_username(connection, claims)
    known = Claims(claims.issuer, claims.subject, username, claims.email, claims.is_email_verified)
    account = insert_account(connection, known, now)
    audit.append(connection, now, username, "account.made", username, {"issuer": claims.issuer})
    return account


def _free_username(connection: Connection, claims: Claims) -> str:
    """Return a username that is good here and nobody's, as near to the wish as can be."""
    wish = claims.username.partition("@")[0] or claims.email.partition("@")[0]
    slug = re.sub(r"[^a-z0-9-]+", "-", wish.lower()[:_MAX_USERNAME]).strip("-")
    if names.username_fault(slug):
        slug = f"person-{slug}"[:_MAX_USERNAME].strip("-")
    free, number = slug, 1
    while account_by_username(connection, free) is not None:
        number += 1
        free = f"{slug[: _MAX_USERNAME - 1 - len(str(number))]}-{number}"
    return free


def _one(connection: Connection, condition: ColumnElement[bool]) -> Account | None:
    row = connection.execute(select(accounts).where(condition)).mappings().first()
    return Account(**row) if row else None
