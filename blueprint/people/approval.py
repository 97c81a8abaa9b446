"""The organizer's decisions about people: let in, shut out, send a new way in."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from blueprint import audit
from blueprint.database.schema import profiles
from blueprint.errors import InputError, NotFoundError
from blueprint.people import credentials, registration, resets, team_codes, teams
from blueprint.people.access_changes import note_change
from blueprint.people.accounts import verify_address
from blueprint.people.agreements import open_agreements, settle
from blueprint.people.person import Person, load_person, person_by_login
from blueprint.platform import Platform


@dataclass(frozen=True)
class Revocation:
    """What ended when access was withdrawn."""

    person: Person
    sessions: int
    git_tokens: int
    ssh_keys: int
    team: str | None = None
    """The slug of the team that the person was in."""
    members_left: int = 0
    """How many approved members that team has now."""


def approve(platform: Platform, username: str, *, by: str, now: datetime) -> Person:
    """Let a person take part; a second call changes nothing.

    Raises:
        NotFoundError: There is no such person.
        InputError: The address is not verified, agreements are still open, or the team is full.
    """
    with platform.database.write("people") as connection:
        person = _demand(connection, username, now)
        if person.status == "approved":
            return person
        _demand_address(person)
        _demand_agreements(platform, connection, person)
        _demand_room(platform, connection, person)
        if person.status == "revoked":
            # A request that was under way when access ended may have left a credential behind.
            credentials.end_all(connection, person.id, now)
        note_change(connection, person.id, "approved", now)
        return _decide(connection, person, "approved", by=by, now=now, detail={})


def revoke(
    platform: Platform, username: str, *, by: str, now: datetime, reason: str = ""
) -> Revocation:
    """Withdraw a person's access: sessions, git tokens, SSH keys and open resets end here.

    Their team gets another code, because they know the one before.

    What is in flight is ended by the running platform, which finds the change in the outbox
    (`people.access_changes`). Nothing comes back by itself when the person is approved again.

    Raises:
        NotFoundError: There is no such person.
    """
    with platform.database.write("people") as connection:
        person = _demand(connection, username, now)
        ended = credentials.end_all(connection, person.id, now)
        note_change(connection, person.id, "revoked", now)
        if person.status != "revoked":
            detail: dict[str, object] = {"reason": reason, **asdict(ended)}
            if person.team_id is not None:
                team_codes.rotate_code(connection, person.team_id, by=by, now=now)
            person = _decide(connection, person, "revoked", by=by, now=now, detail=detail)
        left = teams.member_count(connection, person.team_id) if person.team_id else 0
        return Revocation(
            person, ended.sessions, ended.git_tokens, ended.ssh_keys, person.team_slug, left
        )


def reset(platform: Platform, username: str, *, by: str, now: datetime) -> resets.Reset:
    """Write a person a link that sets a new password; the old one holds until it is used.

    Raises:
        NotFoundError: There is no such person.
        InputError: The person's access is revoked.
    """
    with platform.database.read() as connection:
        person = _demand(connection, username, now)
    if person.status == "revoked":
        raise InputError(
            f"{person.username}: access is revoked, a password would open nothing",
            hint=f"`diychallenge people approve {person.username}` lets them in again",
        )
    return resets.send_reset(platform, person, now, by=by)


def _demand(connection: Connection, username: str, now: datetime) -> Person:
    person = person_by_login(connection, username)
    if person is not None:
        return person
    if registration.is_pending(connection, username, now):
        raise NotFoundError(
            f"{username} has registered and not confirmed the mail address yet",
            hint="the mail with the link is in the outbox folder;"
            f" `diychallenge people verify {username}` if you know the address to be right",
        )
    raise NotFoundError(
        f"there is no person {username!r}", hint="`diychallenge people list` shows everybody"
    )


def verify(platform: Platform, username: str, *, by: str, now: datetime) -> Person:
    """Count a person's mail address as proven because an organizer knows it to be right.

    A registration that waits for its address becomes an account; a second call changes nothing.

    Raises:
        NotFoundError: There is neither a person nor a registration of that name.
        ConflictError: The address has another account.
    """
    with platform.database.write("people") as connection:
        person = person_by_login(connection, username)
        if person is not None:
            verify_address(connection, person.id, now, by=by)
            person = load_person(connection, person.id) or person
            return settle(connection, platform.challenge, person, now)
    return registration.vouch_registration(platform, username, by=by, now=now)


def _demand_address(person: Person) -> None:
    if person.email_verified_at is None:
        raise InputError(
            f"{person.username}: the mail address {person.email} is not verified",
            hint=f"`diychallenge people reset {person.username}` mails a link that verifies it;"
            f" `diychallenge people verify {person.username}` if you know it to be right",
        )


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
    if not teams.has_room(connection, platform.challenge, person):
        raise InputError(
            f"{person.username}: the team {person.team_slug} is full ({limit} members)",
            hint="revoke a member first, or raise people.teams.max_members in challenge.yaml"
            " and deploy",
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
    connection.execute(update(profiles).where(profiles.c.person_id == person.id).values(values))
    audit.append(connection, now, by, f"person.{status}", person.username, detail)
    return load_person(connection, person.id) or person
