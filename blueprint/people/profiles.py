"""Profiles: what people say when they register to take part, whichever way they log in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select

from blueprint import audit
from blueprint.config.model import Challenge
from blueprint.config.schedule import registration_status
from blueprint.database.schema import profiles, registrations
from blueprint.errors import ConflictError
from blueprint.people import agreements, names, teams
from blueprint.people.accounts import Account
from blueprint.people.forms import FormFaults
from blueprint.people.person import Person, load_person
from blueprint.people.team_codes import team_of_code
from blueprint.platform import Platform

_MAX_NAME = 120
_MAX_ANSWER = 1000


@dataclass(frozen=True)
class ProfileForm:
    """What the form says; exactly one of `team_name` (new) and `team_code` (existing) is given."""

    name: str
    team_name: str = ""
    team_code: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Question id to answer."""


@dataclass(frozen=True)
class Profile:
    """A form that was judged: its team is to be made (it has a name) or is there."""

    name: str
    team_name: str
    team_slug: str
    answers: Mapping[str, str]


def demand_open(challenge: Challenge, now: datetime) -> None:
    """Make sure that registration is open.

    Raises:
        ConflictError: It is not.
    """
    status = registration_status(challenge, now)
    if status != "open":
        told = "has not opened yet" if status == "upcoming" else "is closed"
        raise ConflictError(
            f"registration for {challenge.challenge.title} {told}",
            hint=f"questions go to {challenge.challenge.contact}",
        )


def trimmed(form: ProfileForm) -> ProfileForm:
    """Return the form without blanks around its fields."""
    return ProfileForm(
        name=form.name.strip(),
        team_name=form.team_name.strip(),
        team_code=form.team_code.strip(),
        answers={key: value.strip() for key, value in form.answers.items()},
    )


def form_faults(challenge: Challenge, form: ProfileForm) -> dict[str, str]:
    """Return what can be said without the database; `answers.<id>` is a question's field."""
    found = {
        "name": names.line_fault(form.name, max_length=_MAX_NAME),
        "team_name": _team_fault(form),
    }
    found |= _answer_faults(challenge, form.answers)
    return {name: fault for name, fault in found.items() if fault}


def team_faults(
    platform: Platform, connection: Connection, form: ProfileForm, *, email: str, now: datetime
) -> dict[str, str]:
    """Return what other teams stand in the way of.

    The name of a registration that is not confirmed yet is reserved for its mail address.
    """
    slug = names.team_slug(form.team_name)
    if form.team_name:
        reserved = select(registrations.c.token_sha256).where(
            registrations.c.team_slug == slug,
            registrations.c.email != email,
            registrations.c.expires_at > now,
        )
        if teams.is_name_taken(connection, slug) or connection.execute(reserved).first():
            return {"team_name": "is taken; to join that team, ask a member for the team code"}
    elif form.team_code:
        team = team_of_code(connection, platform.state, form.team_code)
        limit = platform.challenge.people.teams.max_members
        if team is None:
            return {"team_code": "is not the code of a team"}
        if teams.member_count(connection, team.id) >= limit:
            return {"team_code": f"the team is full ({limit} members)"}
    return {}


def judged(platform: Platform, connection: Connection, form: ProfileForm) -> Profile:
    """Return the profile that a form without faults becomes."""
    team = None
    if not form.team_name:
        team = team_of_code(connection, platform.state, form.team_code)
    known = {question.id for question in platform.challenge.people.questions}
    return Profile(
        name=form.name,
        team_name="" if team else form.team_name,
        team_slug=team.slug if team else names.team_slug(form.team_name),
        answers={key: text for key, text in form.answers.items() if key in known and text},
    )


def complete_profile(
    platform: Platform, account: Account, form: ProfileForm, now: datetime
) -> Person:
    """Register somebody who has logged in elsewhere and has no profile yet.

    Raises:
        FormFaults: Some fields cannot be taken.
        ConflictError: Registration is not open, or the profile is there already.
    """
    demand_open(platform.challenge, now)
    form = trimmed(form)
    faults = form_faults(platform.challenge, form)
    with platform.database.write("people") as connection:
        taken = team_faults(platform, connection, form, email=account.email, now=now)
        if faults := {**taken, **faults}:
            raise FormFaults(faults)
        if load_person(connection, account.id) is not None:
            raise ConflictError("you are registered already")
        profile = judged(platform, connection, form)
        return make_profile(platform, connection, account, profile, now, by=account.username)


def make_profile(
    platform: Platform,
    connection: Connection,
    account: Account,
    profile: Profile,
    now: datetime,
    *,
    by: str,
) -> Person:
    """Make somebody with an account a person who takes part, inside a transaction."""
    team = None if profile.team_name else teams.team_by_slug(connection, profile.team_slug)
    team_id = team.id if team else teams.create_team(connection, profile.team_name, now)
    row = {
        "person_id": account.id,
        "name": profile.name,
        "team_id": team_id,
        "status": "registered",
        "answers": dict(profile.answers),
        "registered_at": now,
    }
    connection.execute(insert(profiles).values(row))
    person = load_person(connection, account.id)
    if person is None:
        raise AssertionError("the row that was just inserted is gone")
    detail: dict[str, object] = {"team": person.team_slug, "new_team": team is None}
    audit.append(connection, now, by, "person.registered", person.username, detail)
    return agreements.settle(connection, platform.challenge, person, now)


def _team_fault(form: ProfileForm) -> str | None:
    if bool(form.team_name) == bool(form.team_code):
        return "name a new team, or give the code of an existing one"
    return names.team_name_fault(form.team_name) if form.team_name else None


def _answer_faults(challenge: Challenge, answers: Mapping[str, str]) -> dict[str, str | None]:
    faults: dict[str, str | None] = {}
    for question in challenge.people.questions:
        answer = answers.get(question.id, "")
        if answer:
            faults[f"answers.{question.id}"] = names.line_fault(answer, max_length=_MAX_ANSWER)
        elif question.required:
            faults[f"answers.{question.id}"] = "is needed"
    return faults
