"""Password resets: a link by mail, good for one hour and one use."""

import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from blueprint import audit
from blueprint.clock import monotonic_s, to_text
from blueprint.database.schema import password_resets
from blueprint.database.schema import passwords as password_table
from blueprint.errors import InputError
from blueprint.people import credentials, outbox, passwords
from blueprint.people.access_changes import note_change
from blueprint.people.accounts import verify_address
from blueprint.people.agreements import settle
from blueprint.people.credentials import Credentials
from blueprint.people.forms import FormFaults
from blueprint.people.person import Person, find_person, load_person
from blueprint.people.secret_tokens import digest_of, new_token
from blueprint.platform import Platform

LIFETIME = timedelta(hours=1)
_MAX_OPEN = 3
_KEEP = timedelta(days=1)
_ANSWER_S = 0.2


@dataclass(frozen=True)
class Finished:
    """A new password is set: what ended with it, and what the person still holds."""

    person: Person
    ended: Credentials
    in_force: Credentials


@dataclass(frozen=True)
class Reset:
    """A link that was sent: the mail with it, and until when it works."""

    person: Person
    link: str
    mail: Path
    expires_at: datetime


def request_reset(platform: Platform, email: str, now: datetime) -> None:
    """Send a link when the address has an account; answer and time never tell whether it has.

    An account gets at most three open links at a time, so that nobody's mailbox is flooded.
    """
    until_s = monotonic_s() + _ANSWER_S
    person = find_person(platform.database, email) if "@" in email else None
    if person and person.status != "revoked" and not _is_flooded(platform, person, now):
        send_reset(platform, person, now, by="portal")
    # Sending takes a few milliseconds more than not sending: this hides them.
    time.sleep(max(0.0, until_s - monotonic_s()))


def send_reset(platform: Platform, person: Person, now: datetime, *, by: str) -> Reset:
    """Make a link for this person, put the mail with it into the outbox, and return both."""
    token, expires_at = new_token(), now + LIFETIME
    link = f"{platform.addresses.portal}/reset/{token}"
    row = {
        "token_sha256": digest_of(token),
        "person_id": person.id,
        "expires_at": expires_at,
        "used_at": None,
    }
    with platform.database.write() as connection:
        _forget_old(connection, now)
        connection.execute(insert(password_resets).values(row))
        audit.append(connection, now, by, "password.reset-sent", person.username, {})
    mail = _message(platform, person, link, now)
    return Reset(person, link, outbox.put(platform.state.outbox, mail, now), expires_at)


def reset_person(platform: Platform, token: str, now: datetime) -> Person | None:
    """Return whose password the link would set, or None when it is unknown, used or too old."""
    with platform.database.read() as connection:
        return _person_of(connection, token, now)


def finish_reset(
    platform: Platform,
    token: str,
    password: str,
    now: datetime,
    *,
    password_again: str | None = None,
    end_git_tokens: bool = False,
    end_ssh_keys: bool = False,
) -> Finished:
    """Set the new password; this link, every other open one and all sessions end with it.

    Git tokens and SSH keys open their doors without a password: they end when that is asked for,
    and stay in force otherwise.

    Raises:
        FormFaults: The password is too weak or the two differ; the link stays good.
        InputError: The link is unknown, was used, or is too old.
    """
    person = reset_person(platform, token, now)
    if person is None:
        raise _spent()
    fault = passwords.password_fault(password, username=person.username, email=person.email)
    if fault:
        raise FormFaults({"password": fault})
    if password_again not in (None, password):
        raise FormFaults({"password_again": "is not the same password"})
    renewed = passwords.hash_password(password)
    with platform.database.write("people") as connection:
        # Asked again inside the transaction: of two uses at the same moment one wins.
        if _person_of(connection, token, now) is None:
            raise _spent()
        _set_password(connection, person, renewed)
        # Whoever has the link reads the mail of this address.
        verify_address(connection, person.id, now, by=person.username)
        settle(connection, platform.challenge, load_person(connection, person.id) or person, now)
        credentials.end_links(connection, person.id, now)
        ended = Credentials(
            credentials.end_sessions(connection, person.id),
            credentials.end_git_tokens(connection, person.id, now) if end_git_tokens else 0,
            credentials.end_ssh_keys(connection, person.id) if end_ssh_keys else 0,
        )
        note_change(connection, person.id, "password.changed", now)
        name, detail = person.username, {"ended": asdict(ended)}
        audit.append(connection, now, name, "password.changed", name, detail)
        return Finished(person, ended, credentials.held_by(connection, person.id))


def held_credentials(platform: Platform, person: Person) -> Credentials:
    """Return what is in force for a person, to be offered for ending."""
    with platform.database.read() as connection:
        return credentials.held_by(connection, person.id)


def _set_password(connection: Connection, person: Person, renewed: str) -> None:
    mine = password_table.c.person_id == person.id
    connection.execute(update(password_table).where(mine).values(password_hash=renewed))


def _person_of(connection: Connection, token: str, now: datetime) -> Person | None:
    good = (
        (password_resets.c.token_sha256 == digest_of(token))
        & password_resets.c.used_at.is_(None)
        & (password_resets.c.expires_at > now)
    )
    person_id = connection.execute(select(password_resets.c.person_id).where(good)).scalar()
    person = load_person(connection, person_id) if person_id is not None else None
    return None if person is None or person.status == "revoked" else person


def _is_flooded(platform: Platform, person: Person, now: datetime) -> bool:
    """Tell whether the person has as many open links as anybody may."""
    mine = (
        (password_resets.c.person_id == person.id)
        & password_resets.c.used_at.is_(None)
        & (password_resets.c.expires_at > now)
    )
    with platform.database.read() as connection:
        count = connection.execute(select(func.count()).where(mine)).scalar_one()
    return int(count) >= _MAX_OPEN


def _forget_old(connection: Connection, now: datetime) -> None:
    old = password_resets.c.expires_at < now - _KEEP
    connection.execute(delete(password_resets).where(old))


def _message(platform: Platform, to: Person, link: str, now: datetime) -> EmailMessage:
    about = platform.challenge.challenge
    return outbox.compose(
        sender=about.contact,
        to=to.email,
        subject=f"{about.title}: set a new password",
        text=(
            f"Dear {to.name},\n\n"
            f"somebody asked for a new password for your account {to.username!r}.\n"
            f"This link sets it, once, until {to_text(now + LIFETIME)}:\n\n"
            f"{link}\n\n"
            "If it was not you, do nothing: your password stays as it is.\n"
        ),
        now=now,
    )


def _spent() -> InputError:
    return InputError(
        "this link was used before or is older than one hour", hint="ask for a new one"
    )
