"""People for tests: registered as they do it, by form and mailed link, or put in as rows."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as mail_policy
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from blueprint.database.schema import accounts, passwords, profiles
from blueprint.people.person import Person
from blueprint.people.registration import (
    Registration,
    confirm_registration,
    request_registration,
)
from blueprint.platform import Platform


def register(platform: Platform, form: Registration, now: datetime) -> Person:
    """Register somebody who opens the link in the mail; return the person."""
    mail = request_registration(platform, form, now)
    assert mail is not None
    person = confirm_registration(platform, token_in(mail), form.password, now)
    mail.unlink()
    assert person is not None
    return person


def text_of(mail: Path) -> str:
    """Return the words of a mail in the outbox."""
    message = message_from_bytes(mail.read_bytes(), policy=mail_policy)
    content = message.get_content()
    assert isinstance(content, str)
    return content


def token_in(mail: Path) -> str:
    """Return the token of the link in a mail."""
    found = re.search(r"/portal/(?:confirm|reset)/([A-Za-z0-9_-]{43})\r?\n", text_of(mail))
    assert found, text_of(mail)
    return found[1]


def add_person(connection: Connection, **values: Any) -> int:
    """Put an approved person with a proven address in as rows; return the id."""
    now = values.pop("created_at", datetime(2027, 6, 1, tzinfo=UTC))
    username = values.pop("username", "ada")
    account = {
        "issuer": "local",
        "subject": username,
        "username": username,
        "email": values.pop("email", f"{username}@example.org"),
        "email_verified_at": now,
        "created_at": now,
    }
    if "id" in values:
        account["id"] = values.pop("id")
    query = insert(accounts).values(account).returning(accounts.c.id)
    person_id = int(connection.execute(query).scalar_one())
    secret = {"person_id": person_id, "password_hash": values.pop("password_hash", "")}
    connection.execute(insert(passwords).values(secret))
    profile = {
        "person_id": person_id,
        "name": username.capitalize(),
        "team_id": None,
        "status": "approved",
        "answers": {},
        "registered_at": now,
    }
    connection.execute(insert(profiles).values({**profile, **values}))
    return person_id
