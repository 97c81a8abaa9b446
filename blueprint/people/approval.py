"""The organizer's decisions about people: let in, shut out, send a new way in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, update

from blueprint import audit
from blueprint.database.schema import (
    git_tokens,
    password_resets,
    people,
    sessions,
    ssh_keys,
)
from blueprint.errors import InputError, NotFoundError
from blueprint.people import resets, teams
from blueprint.people.agreements import open_agreements
from blueprint.people.person import Person, load_person, person_by_login
from blueprint.platform import Platform


@dataclass(frozen=True)
class Revocation:
    """What ended when access was withdrawn."""

    person: Person
    sessions: int
    git_tokens: int
    ssh_keys: int


def approve(platform: Platform, username: str, *, by: str, now: datetime) -> Person:
    """Let a person take part; a second call changes nothing.

    Raises:
        NotFoundError: There is no such person.
        InputError: Agreements are still open, or the team is full by now.
    """
    with platform.database.write() as connection:
        person = _demand(connection, username)
        if person.status == "approved":
            return person
        _demand_agreements(platform, connection, person)
        if person.status == "revoked":
            _demand_room(platform, connection, person)
            # A request that was under way when access ended may have left a credential behind.
            _end_credentials(connection, person.id, now)
        return _decide(connection, person, "approved", by=by, now=now, detail={})


def revoke(
    platform: Platform, username: str, *, by: str, now: datetime, reason: str = ""
) -> Revocation:
    """Withdraw a person's access: sessions, git tokens, SSH keys and open resets end here.

    Transfers in flight end when the running platform is told (`POST /wake`), and within two
    seconds without it. Nothing comes back by itself when the person is approved again.

    Raises:
        NotFoundError: There is no such person.
    """
    with platform.database.write() as connection:
        person = _demand(connection, username)
        ended = _end_credentials(connection, person.id, now)
        if person.status != "revoked":
            detail: dict[str, object] = {"reason": reason, **ended}
            person = _decide(connection, person, "revoked", by=by, now=now, detail=detail)
        return Revocation(person, ended["sessions"], ended["git_tokens"], ended["ssh_keys"])


def reset(platform: Platform, username: str, *, by: str, now: datetime) -> resets.Reset:
    """Write a person a link that sets a new password; the old one holds until it is used.

    Raises:
        NotFoundError: There is no such person.
        InputError: The person's access is revoked.
    """
    with platform.database.read() as connection:
        person = _demand(connection, username)
    if person.status == "revoked":
        raise InputError(
            f"{person.username}: access is revoked, a password would open nothing",
            hint=f"`diychallenge people approve {person.username}` lets them in again",
        )
    return resets.send_reset(platform, person, now, by=by)


def _demand(connection: Connection, username: str) -> Person:
    person = person_by_login(connection, username)
    if person is None:
        raise NotFoundError(
            f"there is no person {username!r}", hint="`diychallenge people list` shows everybody"
        )
    return person


def _demand_agreements(platform: Platform, connection: Connection, person: Person) -> None:
    missing = open_agreements(connection, platform.challenge, person)
    if missing:
        listed = ", ".join(agreement.id for agreement in missing)
        raise InputError(
            f"{person.username} has not accepted yet: {listed}",
            hint="they accept it in the portal after logging in; then approve again",
        )


def _demand_room(platform: Platform, connection: Connection, person: Person) -> None:
    limit = platform.challenge.people.teams.max_members
    if person.team_id is not None and teams.member_count(connection, person.team_id) >= limit:
        raise InputError(
            f"{person.username}: the team {person.team_slug} is full ({limit} members)"
        )


def _decide(
    connection: Connection,
    person: Person,
    status: str,
    *,
    by: str,
    now: datetime,
    detail: dict[str, object],
) -> Person:
    values = {"status": status, "decided_at": now, "decided_by": by}
    connection.execute(update(people).where(people.c.id == person.id).values(values))
    audit.append(connection, now, by, f"person.{status}", person.username, detail)
    return load_person(connection, person.id) or person


def _end_credentials(connection: Connection, person_id: int, now: datetime) -> dict[str, int]:
    live = (git_tokens.c.person_id == person_id) & git_tokens.c.revoked_at.is_(None)
    unused = (password_resets.c.person_id == person_id) & password_resets.c.used_at.is_(None)
    connection.execute(update(password_resets).where(unused).values(used_at=now))
    ended_sessions = connection.execute(delete(sessions).where(sessions.c.person_id == person_id))
    ended_tokens = connection.execute(update(git_tokens).where(live).values(revoked_at=now))
    ended_keys = connection.execute(delete(ssh_keys).where(ssh_keys.c.person_id == person_id))
    return {
        "sessions": ended_sessions.rowcount,
        "git_tokens": ended_tokens.rowcount,
        "ssh_keys": ended_keys.rowcount,
    }
