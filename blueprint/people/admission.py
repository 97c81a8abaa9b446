"""Whether a person may take part now, why not, and what comes next for them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from blueprint.config.model import Challenge
from blueprint.people.agreements import Acceptances, acceptances_of, missing_agreements
from blueprint.people.person import Person, load_person


@dataclass(frozen=True)
class Admission:
    """The answer, with one sentence for the person."""

    may_take_part: bool
    reason: str


def admission_of(challenge: Challenge, person: Person, acceptances: Acceptances) -> Admission:
    """Return where a person stands: approved, with every agreement accepted as it is in force."""
    contact = challenge.challenge.contact
    missing = ", ".join(item.id for item in missing_agreements(challenge, acceptances))
    if person.status == "revoked":
        return Admission(False, f"The organizers withdrew access; questions go to {contact}.")
    if missing:
        again = "has a new version" if person.status == "approved" else "comes first"
        return Admission(False, f"The agreement {missing} {again}: accept it in the portal.")
    if person.status != "approved":
        return Admission(False, "Waiting for an organizer's approval; nothing is left to do.")
    if person.team_id is None:
        return Admission(False, f"There is no team yet; write to {contact}.")
    return Admission(True, "Approved: data, git and submissions are open.")


def may_take_part(challenge: Challenge, person: Person, acceptances: Acceptances) -> bool:
    """Tell whether the person may download data, use git and submit."""
    return admission_of(challenge, person, acceptances).may_take_part


def load_admission(connection: Connection, challenge: Challenge, person: Person) -> Admission:
    """Return where a person stands, their acceptances read inside a transaction."""
    return admission_of(challenge, person, acceptances_of(connection, person.id))


def admitted(connection: Connection, challenge: Challenge, person_id: int) -> Person | None:
    """Return the person as they are now when they may take part, else None."""
    person = load_person(connection, person_id)
    if person is None or not load_admission(connection, challenge, person).may_take_part:
        return None
    return person
