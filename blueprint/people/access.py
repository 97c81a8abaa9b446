"""What stands open for a person by the database's word: the wanted state of every door."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from blueprint.config.model import Challenge
from blueprint.database.schema import accounts, git_tokens, ssh_keys
from blueprint.people.admission import load_admission
from blueprint.people.person import load_person


@dataclass(frozen=True)
class Access:
    """The wanted state of every door of one person, as the database has it."""

    person_id: int
    username: str
    may_log_in: bool
    """To the portal: everybody but the revoked."""
    may_take_part: bool
    git_tokens: frozenset[int]
    """The ids of the tokens that open git; none without `may_take_part`."""
    ssh_keys: Mapping[str, str]
    """Fingerprint -> public key of what opens SFTP; empty without `may_take_part`."""


def load_access(connection: Connection, challenge: Challenge, person_id: int) -> Access | None:
    """Return what stands open for a person now; None when there is no such person."""
    person = load_person(connection, person_id)
    if person is None:
        return None
    may_take_part = load_admission(connection, challenge, person).may_take_part
    tokens: list[int] = []
    keys: dict[str, str] = {}
    if may_take_part:
        live = (git_tokens.c.person_id == person_id) & git_tokens.c.revoked_at.is_(None)
        tokens = list(connection.execute(select(git_tokens.c.id).where(live)).scalars())
        mine = ssh_keys.c.person_id == person_id
        for row in connection.execute(select(ssh_keys).where(mine).order_by(ssh_keys.c.id)):
            keys[row.fingerprint] = row.public_key
    return Access(
        person_id, person.username, person.status != "revoked", may_take_part,
        frozenset(tokens), keys,
    )  # fmt: skip


def person_of_username(connection: Connection, username: str) -> int | None:
    """Return the id of the person of that username, or None."""
    query = select(accounts.c.id).where(accounts.c.username == username)
    return connection.execute(query).scalar()
