"""Sessions of the portal: a random cookie here, its hash in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from blueprint.database.connection import Database
from blueprint.database.schema import sessions
from blueprint.people.accounts import Account, load_account
from blueprint.people.person import Person, load_person
from blueprint.people.secret_tokens import digest_of, new_token

LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Session:
    """Somebody who is logged in; `csrf` is the hidden token of this session's forms."""

    account: Account
    person: Person | None
    """None: the account has no profile yet, its owner still has to register."""
    csrf: str
    created_at: datetime
    expires_at: datetime


def open_session(database: Database, person_id: int, now: datetime) -> tuple[str, Session]:
    """Begin a session and return the cookie's value, which is kept nowhere, with the session."""
    token, csrf, expires_at = new_token(), new_token(), now + LIFETIME
    row = {
        "token_sha256": digest_of(token),
        "person_id": person_id,
        "csrf": csrf,
        "created_at": now,
        "expires_at": expires_at,
    }
    with database.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
        connection.execute(insert(sessions).values(row))
        account = load_account(connection, person_id)
        if account is None:
            raise AssertionError("a session refers to an account")
        person = load_person(connection, person_id)
    return token, Session(account, person, csrf, now, expires_at)


def session_of(database: Database, token: str, now: datetime) -> Session | None:
    """Return the session of a cookie; None when unknown, expired, or the person is revoked."""
    query = select(sessions).where(sessions.c.token_sha256 == digest_of(token))
    with database.read() as connection:
        row = connection.execute(query).first()
        if row is None or row.expires_at <= now:
            return None
        account = load_account(connection, row.person_id)
        person = load_person(connection, row.person_id)
    if account is None or (person is not None and person.status == "revoked"):
        return None
    return Session(account, person, row.csrf, row.created_at, row.expires_at)


def close_session(database: Database, token: str) -> None:
    """End the session of a cookie; an unknown one changes nothing."""
    with database.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.token_sha256 == digest_of(token)))
