"""The account: where a person stands, what comes next for them, their team, their data."""

from dataclasses import dataclass

from starlette.responses import Response

from blueprint.config.model import Agreement
from blueprint.config.schedule import open_phases
from blueprint.data.releases import visible_releases
from blueprint.intake.repositories import embedded_repositories
from blueprint.people.admission import Admission, load_admission
from blueprint.people.agreements import accept, agreement_text, open_agreements
from blueprint.people.git_tokens import list_tokens
from blueprint.people.ssh_keys import list_keys
from blueprint.people.team_codes import join_code, rotate_own_code
from blueprint.people.team_standings import refusal_of, what_follows
from blueprint.people.teams import Team, candidates_of, find_team, members_of
from blueprint.portal.visit import Visit
from blueprint.publish.pages import make_page

_AGREEMENT = "/portal/agreement/"


@dataclass(frozen=True)
class OwnTeam:
    """What members see of their team; others see nothing of it."""

    team: Team
    meaning: str
    """What its standing means, empty for one that competes."""
    members: list[str]
    candidates: list[str]
    code: str


@dataclass(frozen=True)
class Step:
    """One step of the way from registration to the first submission."""

    title: str
    text: str
    is_done: bool
    link: str = ""


def show_account(visit: Visit) -> Response:
    """Show where the person stands."""
    platform, person = visit.platform, visit.person
    with platform.database.read() as connection:
        admission = load_admission(connection, platform.challenge, person)
        missing = open_agreements(connection, platform.challenge, person)
        refusal = refusal_of(connection, person.team_id) if person.is_member else ""
    return visit.page(
        "account.html",
        person=person,
        admission=admission,
        missing=missing,
        steps=_steps(visit, admission, missing),
        team=_own_team(visit),
        refusal=refusal,
        releases=visible_releases(platform.challenge, admission.may_take_part, visit.now),
        clone_url=_clone_url(visit),
        phases=open_phases(platform.challenge, visit.now),
    )


def renew_code(visit: Visit) -> Response:
    """Give the member's team another code."""
    rotate_own_code(visit.platform, visit.person, visit.now)
    return visit.go("/portal/account")


def show_agreement(visit: Visit) -> Response:
    """Show an agreement's text, and the form to accept it while it is open."""
    return _agreement_page(visit, fault="")


def accept_agreement(visit: Visit) -> Response:
    """Record the acceptance of exactly the text that was shown."""
    if visit.form.text("accept") != "yes":
        return _agreement_page(visit, fault="Tick the box to accept.", status=422)
    accept(
        visit.platform,
        visit.person.id,
        visit.parameter("agreement"),
        visit.now,
        shown_sha256=visit.form.text("text_sha256"),
    )
    return visit.go("/portal/account")


def _agreement_page(visit: Visit, *, fault: str, status: int = 200) -> Response:
    text = agreement_text(visit.platform, visit.parameter("agreement"))
    with visit.platform.database.read() as connection:
        missing = open_agreements(connection, visit.platform.challenge, visit.person)
    return visit.page(
        "agreement.html",
        status=status,
        text=text,
        body=make_page(text.agreement.id, text.markdown).html,
        is_open=text.agreement in missing,
        fault=fault,
    )


def _own_team(visit: Visit) -> OwnTeam | None:
    database, person = visit.platform.database, visit.person
    team = find_team(database, person.team_slug or "") if person.is_member else None
    if team is None:
        return None
    return OwnTeam(
        team,
        "" if team.standing == "competing" else what_follows(team.standing),
        members_of(database, team.slug),
        candidates_of(database, team.slug),
        join_code(visit.platform.state, team),
    )


def _steps(visit: Visit, admission: Admission, missing: tuple[Agreement, ...]) -> list[Step]:
    database, person = visit.platform.database, visit.person
    agreements = [
        Step(
            "Accept the agreement",
            f"Read “{item.id}” and accept it.",
            False,
            f"{_AGREEMENT}{item.id}",
        )
        for item in missing
    ]
    team = f"{'of' if person.is_member else 'for'} the team {person.team_name}"
    return [
        Step("Register", f"You are {person.username}, {team}.", True),
        *agreements,
        Step("Be approved", "An organizer looks at each registration.", admission.may_take_part),
        Step(
            "Add an SSH key",
            "It opens the data over SFTP.",
            bool(list_keys(database, person.id)),
            "/portal/keys",
        ),
        Step(
            "Make a git token",
            "It is your password for git.",
            bool(list_tokens(database, person.id)),
            "/portal/tokens",
        ),
    ]


def _clone_url(visit: Visit) -> str:
    person = visit.person
    repositories = embedded_repositories(visit.platform)
    return repositories.clone_url(str(person.team_slug), username=person.username)
