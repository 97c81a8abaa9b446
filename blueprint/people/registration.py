"""Registration: the form, all that can be wrong with it, and the account it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select

from blueprint import audit
from blueprint.config.model import Challenge
from blueprint.config.schedule import registration_status
from blueprint.database.schema import people
from blueprint.errors import ConflictError
from blueprint.people import agreements, names, passwords, team_codes, teams
from blueprint.people.forms import FormFaults
from blueprint.people.person import Person, load_person
from blueprint.platform import Platform

_MAX_NAME = 120
_MAX_ANSWER = 1000


@dataclass(frozen=True)
class Registration:
    """What the form says; exactly one of `team_name` (new) and `team_code` (existing) is given."""

    username: str
    email: str
    name: str
    password: str
    team_name: str = ""
    team_code: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Question id to answer."""
    password_again: str | None = None
    """None: the form has no second field."""


def register(platform: Platform, form: Registration, now: datetime) -> Person:
    """Make the account (and the team, when a new one is named) and return the person.

    Raises:
        FormFaults: Some fields cannot be taken; `answers.<id>` is the field of a question.
        ConflictError: Registration is not open.
    """
    _demand_open(platform.challenge, now)
    form = _trimmed(form)
    faults = _form_faults(platform.challenge, form)
    with platform.database.read() as connection:
        faults = {**_taken(platform, connection, form), **faults}
    if faults:
        raise FormFaults(faults)
    password_hash = passwords.hash_password(form.password)  # slow: outside of the transaction
    with platform.database.write("people") as connection:
        if taken := _taken(platform, connection, form):
            raise FormFaults(taken)
        return _insert(platform, connection, form, password_hash, now)


def _demand_open(challenge: Challenge, now: datetime) -> None:
    status = registration_status(challenge, now)
    if status != "open":
        told = "has not opened yet" if status == "upcoming" else "is closed"
        raise ConflictError(
            f"registration for {challenge.challenge.title} {told}",
            hint=f"questions go to {challenge.challenge.contact}",
        )


def _trimmed(form: Registration) -> Registration:
    return Registration(
        username=form.username.strip().lower(),
        email=form.email.strip().lower(),
        name=form.name.strip(),
        password=form.password,
        team_name=form.team_name.strip(),
        team_code=form.team_code.strip(),
        answers={key: value.strip() for key, value in form.answers.items()},
        password_again=form.password_again,
    )


def _form_faults(challenge: Challenge, form: Registration) -> dict[str, str]:
    """Return what can be said without the database."""
    found = {
        "username": names.username_fault(form.username),
        "email": names.email_fault(form.email),
        "name": names.line_fault(form.name, max_length=_MAX_NAME),
        "password": passwords.password_fault(
            form.password, username=form.username, email=form.email
        ),
        "password_again": (
            "is not the same password" if form.password_again not in (None, form.password) else None
        ),
        "team_name": _team_fault(form),
    }
    found |= _answer_faults(challenge, form.answers)
    return {name: fault for name, fault in found.items() if fault}


def _team_fault(form: Registration) -> str | None:
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


def _taken(platform: Platform, connection: Connection, form: Registration) -> dict[str, str]:
    """Return what another account or team stands in the way of."""
    faults = {}
    if _exists(connection, username=form.username):
        faults["username"] = f"{form.username!r} is taken; choose another"
    if _exists(connection, email=form.email):
        faults["email"] = "has an account already: log in, or reset its password"
    slug = names.team_slug(form.team_name)
    if form.team_name and teams.team_by_slug(connection, slug):
        faults["team_name"] = "is taken; to join that team, ask a member for the team code"
    elif form.team_code and not form.team_name:
        team = team_codes.team_of_code(connection, platform.state, form.team_code)
        limit = platform.challenge.people.teams.max_members
        if team is None:
            faults["team_code"] = "is not the code of a team"
        elif teams.member_count(connection, team.id) >= limit:
            faults["team_code"] = f"the team is full ({limit} members)"
    return faults


def _exists(connection: Connection, **values: str) -> bool:
    query = select(people.c.id).filter_by(**values)
    return connection.execute(query).first() is not None


def _insert(
    platform: Platform,
    connection: Connection,
    form: Registration,
    password_hash: str,
    now: datetime,
) -> Person:
    team = team_codes.team_of_code(connection, platform.state, form.team_code)
    team_id = team.id if team else teams.create_team(connection, form.team_name, now)
    known = {question.id for question in platform.challenge.people.questions}
    row = {
        "username": form.username,
        "email": form.email,
        "name": form.name,
        "password_hash": password_hash,
        "team_id": team_id,
        "status": "registered",
        "answers": {key: text for key, text in form.answers.items() if key in known and text},
        "created_at": now,
    }
    query = insert(people).values(row).returning(people.c.id)
    person = load_person(connection, connection.execute(query).scalar_one())
    if person is None:
        raise AssertionError("the row that was just inserted is gone")
    detail: dict[str, object] = {"team": person.team_slug, "new_team": team is None}
    audit.append(connection, now, person.username, "person.registered", person.username, detail)
    return agreements.settle(connection, platform.challenge, person, now)
