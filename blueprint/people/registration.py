"""Registration where passwords are kept here: a form, a link by mail, and then an account.

The answer to a form is the same whether its mail address has an account or not: there is none
before the link in the mail was opened, and the owner of an address that has one is told by mail.
Usernames and the names of teams are public by nature, and both are reserved in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from blueprint.adapters.identity_port import Claims
from blueprint.database.schema import passwords as password_table
from blueprint.database.schema import registrations
from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.people import names, passwords, profiles, registration_mail, teams
from blueprint.people.accounts import (
    LOCAL,
    account_by_email,
    account_by_username,
    insert_account,
)
from blueprint.people.forms import FormFaults
from blueprint.people.person import Person
from blueprint.people.profiles import Profile, ProfileForm
from blueprint.people.secret_tokens import digest_of, new_token
from blueprint.platform import Platform

LIFETIME = timedelta(days=3)
_MAX_MAILS = 3


@dataclass(frozen=True)
class Registration:
    """What the form says; exactly one of `team_name` (new) and `team_code` (existing) is given."""

    username: str
    email: str
    name: str
    password: str
    team_name: str = ""
    team_code: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Question id to answer."""
    password_again: str | None = None
    """None: the form has no second field."""

    @property
    def profile(self) -> ProfileForm:
        """The part that does not depend on how somebody logs in."""
        return ProfileForm(self.name, self.team_name, self.team_code, self.answers)


@dataclass(frozen=True)
class Pending:
    """A registration whose mail address is not proven yet: no account, no access."""

    username: str
    email: str
    name: str
    team_slug: str
    sent_at: datetime
    expires_at: datetime


def request_registration(platform: Platform, form: Registration, now: datetime) -> Path | None:
    """Keep the form and mail its address a link that makes the account; return the mail.

    Where the address has an account its owner is told instead. No address gets more than three
    mails in three days: then none is written.

    Raises:
        FormFaults: Some fields cannot be taken; `answers.<id>` is the field of a question.
        ConflictError: Registration is not open.
    """
    profiles.demand_open(platform.challenge, now)
    username, email = form.username.strip().lower(), form.email.strip().lower()
    profile = profiles.trimmed(form.profile)
    faults = _form_faults(form, username, email)
    faults |= profiles.form_faults(platform.challenge, profile)
    with platform.database.read() as connection:
        faults = {**_taken(platform, connection, profile, username, email, now), **faults}
    if faults:
        raise FormFaults(faults)
    password_hash = passwords.hash_password(form.password)  # slow: outside of the transaction
    token = new_token()
    with platform.database.write("people") as connection:
        connection.execute(delete(registrations).where(registrations.c.expires_at <= now))
        if taken := _taken(platform, connection, profile, username, email, now):
            raise FormFaults(taken)
        same_address = registrations.c.email == email
        sent = connection.execute(select(func.count()).where(same_address)).scalar_one()
        owner = account_by_email(connection, email)
        row = {
            "token_sha256": digest_of(token),
            "username": username,
            "email": email,
            "password_hash": password_hash,
            "sent_at": now,
            "expires_at": now + LIFETIME,
            **vars(profiles.judged(platform, connection, profile)),
        }
        connection.execute(insert(registrations).values(row))
    if sent >= _MAX_MAILS:
        return None
    if owner is not None:
        return registration_mail.tell_owner(platform, owner, now)
    return registration_mail.send_link(platform, email, profile.name, token, now + LIFETIME, now)


def pending_registration(platform: Platform, token: str, now: datetime) -> Pending | None:
    """Return what a mailed link would confirm, or None when it is unknown, used or too old."""
    with platform.database.read() as connection:
        row = _row_of(connection, registrations.c.token_sha256 == digest_of(token), now)
    return _pending(row) if row else None


def list_pending(platform: Platform, now: datetime) -> list[Pending]:
    """Return the registrations whose address is not proven yet, the earliest first.

    Those that only stand where an address has an account already are not among them.
    """
    with platform.database.read() as connection:
        query = select(registrations).where(registrations.c.expires_at > now)
        rows = connection.execute(query.order_by(registrations.c.sent_at)).mappings().all()
        return [_pending(row) for row in rows if not account_by_email(connection, row["email"])]


def is_pending(connection: Connection, username: str, now: datetime) -> bool:
    """Tell whether a registration of that username waits for its mail address."""
    wanted = registrations.c.username == username.strip().lower()
    return _row_of(connection, wanted, now) is not None


def confirm_registration(
    platform: Platform, token: str, password: str, now: datetime, *, is_suspect: bool = False
) -> Person | None:
    """Make the account that a mailed link and its password stand for; None: wrong password.

    The link proves the address, the password that it is opened by who filled in the form.

    Raises:
        InputError: The link is unknown, was used, or is too old.
        ConflictError: Meanwhile somebody else has the username, or the address an account.
    """
    wanted = registrations.c.token_sha256 == digest_of(token)
    with platform.database.read() as connection:
        row = _row_of(connection, wanted, now)
    if row is None:
        raise InputError(
            "this link was used before or is older than three days",
            hint="log in if you confirmed already; else register again",
        )
    if not passwords.is_password(row["password_hash"], password, is_suspect=is_suspect):
        return None
    with platform.database.write("people") as connection:
        row = _row_of(connection, wanted, now)
        if row is None:
            raise ConflictError("this link has just been used", hint="log in")
        return _make_account(platform, connection, row, now)


def vouch_registration(platform: Platform, username: str, *, by: str, now: datetime) -> Person:
    """Make the account of a registration whose address an organizer knows to be right.

    Raises:
        NotFoundError: No registration of that username waits for its address.
        ConflictError: The address has an account; or several registrations wait.
    """
    wanted = registrations.c.username == username.strip().lower()
    with platform.database.write("people") as connection:
        row = _row_of(connection, wanted, now)
        if row is None:
            raise NotFoundError(
                f"no registration of {username!r} waits for its mail address",
                hint="`diychallenge people list` shows everybody",
            )
        waiting = select(func.count()).where(wanted, registrations.c.expires_at > now)
        if (count := connection.execute(waiting).scalar_one()) > 1:
            raise ConflictError(
                f"{count} registrations of {row['username']!r} wait, each with a password of its"
                f" own, and whoever knows {row['email']} may have sent one of them",
                hint="hand on a link from the outbox folder: it needs the password of its form",
            )
        return _make_account(platform, connection, row, now, by=by)


def _form_faults(form: Registration, username: str, email: str) -> dict[str, str]:
    found = {
        "username": names.username_fault(username),
        "email": names.email_fault(email),
        "password": passwords.password_fault(form.password, username=username, email=email),
        "password_again": (
            "is not the same password" if form.password_again not in (None, form.password) else None
        ),
    }
    return {name: fault for name, fault in found.items() if fault}


def _taken(  # noqa: PLR0917
    platform: Platform,
    connection: Connection,
    profile: ProfileForm,
    username: str,
    email: str,
    now: datetime,
) -> dict[str, str]:
    """Return what other people and teams stand in the way of; an address never is."""
    reserved = select(registrations.c.token_sha256).where(
        registrations.c.username == username,
        registrations.c.email != email,
        registrations.c.expires_at > now,
    )
    faults = profiles.team_faults(platform, connection, profile, email=email, now=now)
    if account_by_username(connection, username) or connection.execute(reserved).first():
        faults["username"] = f"{username!r} is taken; choose another"
    return faults


def _make_account(
    platform: Platform, connection: Connection, row: RowMapping, now: datetime, *, by: str = ""
) -> Person:
    username, email = str(row["username"]), str(row["email"])
    if account_by_email(connection, email) is not None:
        raise ConflictError("this mail address has an account by now", hint="log in to it")
    if account_by_username(connection, username) is not None:
        raise ConflictError(f"the username {username!r} is taken by now", hint="register again")
    if row["team_name"] and teams.is_name_taken(connection, row["team_slug"]):
        raise ConflictError(f"the team {row['team_slug']} exists by now", hint="register again")
    claims = Claims(LOCAL, username, username, email, is_email_verified=True)
    account = insert_account(connection, claims, now)
    secret = {"person_id": account.id, "password_hash": row["password_hash"]}
    connection.execute(insert(password_table).values(secret))
    done = (registrations.c.username == username) | (registrations.c.email == email)
    connection.execute(delete(registrations).where(done))
    fields: dict[str, Any] = {
        key: row[key] for key in ("name", "team_name", "team_slug", "answers")
    }
    return profiles.make_profile(
        platform, connection, account, Profile(**fields), now, by=by or username
    )


def _row_of(connection: Connection, condition: Any, now: datetime) -> RowMapping | None:  # noqa: ANN401
    query = (
        select(registrations)
        .where(condition, registrations.c.expires_at > now)
        .order_by(registrations.c.sent_at.desc())
    )
    return connection.execute(query).mappings().first()


def _pending(row: RowMapping) -> Pending:
    return Pending(
        row["username"], row["email"], row["name"], row["team_slug"], row["sent_at"],
        row["expires_at"],
    )  # fmt: skip
