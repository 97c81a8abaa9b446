"""Agreements: which are still open for a person, their text, and the record of acceptance."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from blueprint import audit
from blueprint.config.model import Agreement, Challenge
from blueprint.database.schema import acceptances, profiles
from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.people.access_changes import note_change
from blueprint.people.person import Person, load_person
from blueprint.people.teams import has_room
from blueprint.platform import Platform

Acceptances = Collection[tuple[str, int]]
"""Agreement ids with the versions that a person accepted."""


@dataclass(frozen=True)
class AgreementText:
    """An agreement as it reads now; `sha256` pins what was shown."""

    agreement: Agreement
    markdown: str
    sha256: str


def acceptances_of(connection: Connection, person_id: int) -> frozenset[tuple[str, int]]:
    """Return what the person accepted, every version."""
    query = select(acceptances.c.agreement, acceptances.c.version).where(
        acceptances.c.person_id == person_id
    )
    return frozenset((row.agreement, row.version) for row in connection.execute(query))


def missing_agreements(challenge: Challenge, accepted: Acceptances) -> tuple[Agreement, ...]:
    """Return the agreements whose version in force is not among `accepted`, in file order."""
    return tuple(
        agreement
        for agreement in challenge.people.agreements
        if (agreement.id, agreement.version) not in accepted
    )


def open_agreements(
    connection: Connection, challenge: Challenge, person: Person
) -> tuple[Agreement, ...]:
    """Return the agreements that this person has still to accept, in file order."""
    return missing_agreements(challenge, acceptances_of(connection, person.id))


def agreement_text(platform: Platform, agreement_id: str) -> AgreementText:
    """Return the text of an agreement in force, to be shown before it is accepted.

    Raises:
        NotFoundError: There is no such agreement.
        InputError: Its page cannot be read (the organizer's fault).
    """
    for agreement in platform.challenge.people.agreements:
        if agreement.id == agreement_id:
            break
    else:
        raise NotFoundError(f"there is no agreement {agreement_id!r}")
    try:
        data = ((platform.pages or platform.project) / agreement.page).read_bytes()
        markdown = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the page {agreement.page} cannot be read: {error}") from None
    return AgreementText(agreement, markdown, hashlib.sha256(data).hexdigest())


def accept(
    platform: Platform,
    person_id: int,
    agreement_id: str,
    now: datetime,
    *,
    shown_sha256: str | None = None,
) -> Person:
    """Record that the person accepts the agreement as it reads now; a repeat changes nothing.

    With the last agreement the person comes to wait for approval, or is approved at once where
    the challenge says `approval: automatic` and their address is proven. `shown_sha256` is what
    the form showed.

    Raises:
        ConflictError: The text was changed after it had been shown.
        NotFoundError: There is no such agreement or person.
    """
    text = agreement_text(platform, agreement_id)
    if shown_sha256 not in (None, text.sha256):
        raise ConflictError(
            "the agreement was changed while you were reading it", hint="read it again"
        )
    with platform.database.write("people") as connection:
        person = load_person(connection, person_id)
        if person is None:
            raise NotFoundError("there is no such person")
        if text.agreement in open_agreements(connection, platform.challenge, person):
            _record(connection, person, text, now)
        return settle(connection, platform.challenge, person, now)


def _record(connection: Connection, person: Person, text: AgreementText, now: datetime) -> None:
    row = {
        "person_id": person.id,
        "agreement": text.agreement.id,
        "version": text.agreement.version,
        "text_sha256": text.sha256,
        "accepted_at": now,
    }
    connection.execute(insert(acceptances).values(row))
    detail: dict[str, object] = {
        "agreement": text.agreement.id,
        "version": text.agreement.version,
        "text_sha256": text.sha256,
    }
    note_change(connection, person.id, "agreement.accepted", now)
    audit.append(connection, now, person.username, "agreement.accepted", person.username, detail)


def settle(connection: Connection, challenge: Challenge, person: Person, now: datetime) -> Person:
    """Move somebody on when no agreement is open any more; return them as they are then.

    With `approval: automatic` they are approved as soon as their mail address is proven and there
    is a place in their team; else an organizer decides.
    """
    if person.status not in ("registered", "waiting"):
        return person
    if open_agreements(connection, challenge, person):
        return person
    registration = challenge.people.registration
    is_automatic = registration is not None and registration.approval == "automatic"
    values: dict[str, object] = {"status": "waiting"}
    is_proven = person.email_verified_at is not None
    if is_automatic and is_proven and has_room(connection, challenge, person):
        values = {"status": "approved", "decided_at": now, "decided_by": "automatic"}
        audit.append(connection, now, "automatic", "person.approved", person.username, {})
    elif person.status == "waiting":
        return person
    connection.execute(update(profiles).where(profiles.c.person_id == person.id).values(values))
    note_change(connection, person.id, str(values["status"]), now)
    return load_person(connection, person.id) or person
