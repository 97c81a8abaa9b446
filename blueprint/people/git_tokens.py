"""Git tokens: the password that a person's git client uses, shown once, kept as a hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.database.schema import git_tokens
from blueprint.errors import NotFoundError
from blueprint.people import names
from blueprint.people.access_changes import note_change
from blueprint.people.forms import FormFaults
from blueprint.people.person import Person, load_person
from blueprint.people.secret_tokens import digest_of, new_token

PREFIX = "dct_"
MAX_TOKENS = 10
_MAX_LABEL = 80
_LAST_USED_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class GitToken:
    """A token as its owner may see it later: everything but the token."""

    id: int
    label: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class TokenLogin:
    """Somebody who came with a good token, and which of theirs it was."""

    person: Person
    token_id: int


def issue_token(
    database: Database, person_id: int, label: str, now: datetime
) -> tuple[str, GitToken]:
    """Make a token and return it, for the only time, with its record.

    Raises:
        FormFaults: The label cannot be shown, or the person has ten tokens.
    """
    label = label.strip()
    if fault := names.line_fault(label, max_length=_MAX_LABEL):
        raise FormFaults({"label": fault})
    with database.write("people") as connection:
        live = (git_tokens.c.person_id == person_id) & git_tokens.c.revoked_at.is_(None)
        count = connection.execute(select(func.count()).where(live)).scalar_one()
        if count >= MAX_TOKENS:
            raise FormFaults({"label": f"you have {MAX_TOKENS} tokens; revoke one first"})
        return _insert(connection, person_id, label, now)


def rotate_token(
    database: Database, person_id: int, token_id: int, now: datetime
) -> tuple[str, GitToken]:
    """Replace a token by a new one of the same label; the old one ends in the same moment.

    Raises:
        NotFoundError: The person has no such live token.
    """
    with database.write() as connection:
        label = _end(connection, person_id, token_id, now)
        return _insert(connection, person_id, label, now)


def revoke_token(database: Database, person_id: int, token_id: int, now: datetime) -> None:
    """End a token.

    Raises:
        NotFoundError: The person has no such live token.
    """
    with database.write() as connection:
        _end(connection, person_id, token_id, now)


def list_tokens(database: Database, person_id: int) -> list[GitToken]:
    """Return a person's live tokens, oldest first."""
    live = (git_tokens.c.person_id == person_id) & git_tokens.c.revoked_at.is_(None)
    with database.read() as connection:
        rows = connection.execute(select(git_tokens).where(live).order_by(git_tokens.c.id))
        return [
            GitToken(row.id, row.label, row.created_at, row.last_used_at, row.revoked_at)
            for row in rows
        ]


def token_login(database: Database, username: str, token: str, now: datetime) -> TokenLogin | None:
    """Return who logs in with a token, when it is good and of the person of that username.

    Revoked people have no good token. Whether the person may take part is `admission`'s to say.
    """
    query = select(git_tokens).where(
        git_tokens.c.token_sha256 == digest_of(token), git_tokens.c.revoked_at.is_(None)
    )
    with database.read() as connection:
        row = connection.execute(query).first()
        person = load_person(connection, row.person_id) if row else None
    if row is None or person is None or person.status == "revoked":
        return None
    if person.username != username.strip().lower():
        return None
    if row.last_used_at is None or now - row.last_used_at >= _LAST_USED_STEP:
        with database.write() as connection:
            mine = git_tokens.c.id == row.id
            connection.execute(update(git_tokens).where(mine).values(last_used_at=now))
    return TokenLogin(person, row.id)


def _insert(
    connection: Connection, person_id: int, label: str, now: datetime
) -> tuple[str, GitToken]:
    token = new_token(PREFIX)
    row = {
        "person_id": person_id,
        "token_sha256": digest_of(token),
        "label": label,
        "created_at": now,
    }
    query = insert(git_tokens).values(row).returning(git_tokens.c.id)
    token_id = int(connection.execute(query).scalar_one())
    note_change(connection, person_id, "git-token.issued", now)
    _audit(connection, person_id, "git-token.issued", label, now)
    return token, GitToken(token_id, label, now, None, None)


def _end(connection: Connection, person_id: int, token_id: int, now: datetime) -> str:
    """Revoke a live token and return its label."""
    mine = (
        (git_tokens.c.id == token_id)
        & (git_tokens.c.person_id == person_id)
        & git_tokens.c.revoked_at.is_(None)
    )
    query = update(git_tokens).where(mine).values(revoked_at=now).returning(git_tokens.c.label)
    label = connection.execute(query).scalar()
    if label is None:
        raise NotFoundError("there is no such token, or it was revoked before")
    note_change(connection, person_id, "git-token.revoked", now)
    _audit(connection, person_id, "git-token.revoked", label, now)
    return str(label)


def _audit(connection: Connection, person_id: int, action: str, label: str, now: datetime) -> None:
    person = load_person(connection, person_id)
    username = person.username if person else str(person_id)
    audit.append(connection, now, username, action, username, {"label": label})
