"""What opens doors for a person: sessions, git tokens, SSH keys; counted and ended together."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, delete, func, select, update

from blueprint.database.schema import git_tokens, password_resets, sessions, ssh_keys


@dataclass(frozen=True)
class Credentials:
    """How many of each kind."""

    sessions: int = 0
    git_tokens: int = 0
    ssh_keys: int = 0


def held_by(connection: Connection, person_id: int) -> Credentials:
    """Return what is in force for a person."""

    def count(table: Table) -> int:
        mine = select(func.count()).where(table.c.person_id == person_id)
        if table is git_tokens:
            mine = mine.where(git_tokens.c.revoked_at.is_(None))
        return int(connection.execute(mine).scalar_one())

    return Credentials(count(sessions), count(git_tokens), count(ssh_keys))


def end_links(connection: Connection, person_id: int, now: datetime) -> None:
    """End every unused link for a new password."""
    unused = (password_resets.c.person_id == person_id) & password_resets.c.used_at.is_(None)
    connection.execute(update(password_resets).where(unused).values(used_at=now))


def end_sessions(connection: Connection, person_id: int) -> int:
    """End every session of a person and return how many there were."""
    return connection.execute(delete(sessions).where(sessions.c.person_id == person_id)).rowcount


def end_git_tokens(connection: Connection, person_id: int, now: datetime) -> int:
    """Revoke every live git token of a person and return how many there were."""
    live = (git_tokens.c.person_id == person_id) & git_tokens.c.revoked_at.is_(None)
    return connection.execute(update(git_tokens).where(live).values(revoked_at=now)).rowcount


def end_ssh_keys(connection: Connection, person_id: int) -> int:
    """Take every SSH key of a person away and return how many there were."""
    return connection.execute(delete(ssh_keys).where(ssh_keys.c.person_id == person_id)).rowcount


def end_all(connection: Connection, person_id: int, now: datetime) -> Credentials:
    """End everything that opens a door for a person, open links too."""
    end_links(connection, person_id, now)
    return Credentials(
        end_sessions(connection, person_id),
        end_git_tokens(connection, person_id, now),
        end_ssh_keys(connection, person_id),
    )
