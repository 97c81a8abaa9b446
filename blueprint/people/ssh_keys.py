"""SSH keys of people: with one of these they log in to the SFTP server."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.database.schema import accounts, ssh_keys
from blueprint.errors import InputError, NotFoundError
from blueprint.people import names
from blueprint.people.access_changes import note_change
from blueprint.people.forms import FormFaults
from blueprint.people.person import load_person
from blueprint.people.public_keys import PublicKey, parse_public_key

MAX_KEYS = 20
_MAX_LABEL = 80


@dataclass(frozen=True)
class SshKey:
    """A public key that a person put in."""

    id: int
    fingerprint: str
    public_key: str
    label: str
    created_at: datetime


def add_key(database: Database, person_id: int, text: str, label: str, now: datetime) -> SshKey:
    """Let the person log in to SFTP with this public key; an empty label takes the comment.

    Raises:
        FormFaults: The text is no key that is taken here (`public_key`), or the label is odd.
    """
    try:
        key = parse_public_key(text)
    except InputError as error:
        raise FormFaults({"public_key": str(error)}, hint=error.hint) from None
    shown = label.strip() or key.comment or key.type
    if fault := names.line_fault(shown, max_length=_MAX_LABEL):
        raise FormFaults({"label": fault})
    with database.write("people") as connection:
        _demand_new(connection, person_id, key)
        return _insert(connection, person_id, key, shown, now)


def remove_key(database: Database, person_id: int, key_id: int, now: datetime) -> None:
    """Take a key away; connections that it opened end with it.

    Raises:
        NotFoundError: The person has no such key.
    """
    mine = (ssh_keys.c.id == key_id) & (ssh_keys.c.person_id == person_id)
    with database.write() as connection:
        query = delete(ssh_keys).where(mine).returning(ssh_keys.c.fingerprint)
        fingerprint = connection.execute(query).scalar()
        if fingerprint is None:
            raise NotFoundError("there is no such key")
        note_change(connection, person_id, "ssh-key.removed", now)
        _audit(connection, person_id, "ssh-key.removed", fingerprint, now)


def list_keys(database: Database, person_id: int) -> list[SshKey]:
    """Return a person's keys, oldest first."""
    query = select(ssh_keys).where(ssh_keys.c.person_id == person_id).order_by(ssh_keys.c.id)
    with database.read() as connection:
        return [
            SshKey(row.id, row.fingerprint, row.public_key, row.label, row.created_at)
            for row in connection.execute(query)
        ]


def person_of_key(connection: Connection, username: str, fingerprint: str) -> int | None:
    """Return the id of the person of that username when the key is theirs, else None."""
    query = (
        select(accounts.c.id)
        .join(ssh_keys, ssh_keys.c.person_id == accounts.c.id)
        .where(accounts.c.username == username, ssh_keys.c.fingerprint == fingerprint)
    )
    return connection.execute(query).scalar()


def _demand_new(connection: Connection, person_id: int, key: PublicKey) -> None:
    query = select(ssh_keys.c.person_id).where(ssh_keys.c.fingerprint == key.fingerprint)
    owner = connection.execute(query).scalar()
    if owner is not None:
        told = "is in your list already" if owner == person_id else "cannot be used; make a new one"
        raise FormFaults({"public_key": told})
    mine = ssh_keys.c.person_id == person_id
    if connection.execute(select(func.count()).where(mine)).scalar_one() >= MAX_KEYS:
        raise FormFaults({"public_key": f"you have {MAX_KEYS} keys; remove one first"})


def _insert(
    connection: Connection, person_id: int, key: PublicKey, label: str, now: datetime
) -> SshKey:
    row = {
        "person_id": person_id,
        "fingerprint": key.fingerprint,
        "public_key": key.text,
        "label": label,
        "created_at": now,
    }
    query = insert(ssh_keys).values(row).returning(ssh_keys.c.id)
    key_id = int(connection.execute(query).scalar_one())
    note_change(connection, person_id, "ssh-key.added", now)
    _audit(connection, person_id, "ssh-key.added", key.fingerprint, now)
    return SshKey(key_id, key.fingerprint, key.text, label, now)


def _audit(
    connection: Connection, person_id: int, action: str, fingerprint: str, now: datetime
) -> None:
    person = load_person(connection, person_id)
    username = person.username if person else str(person_id)
    audit.append(connection, now, username, action, username, {"fingerprint": fingerprint})
