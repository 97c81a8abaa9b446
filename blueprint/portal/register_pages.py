"""Registration: the form, the link that proves the address, and the profile of other logins."""

from starlette.responses import Response

from blueprint.config.schedule import registration_status
from blueprint.people.forms import FormFaults
from blueprint.people.profiles import ProfileForm, complete_profile
from blueprint.people.registration import (
    Registration,
    confirm_registration,
    pending_registration,
    request_registration,
)
from blueprint.portal.login_pages import HOME, welcome
from blueprint.portal.visit import Visit, trouble

_PROFILE_FIELDS = ("name", "team_name", "team_code")
_FIELDS = ("username", "email", *_PROFILE_FIELDS)


def show_register(visit: Visit) -> Response:
    """Show the empty form, or when registration opens."""
    if not visit.portal.identity.keeps_passwords:
        return visit.go("/portal/profile")  # a login comes first, where accounts are kept
    status = registration_status(visit.platform.challenge, visit.now)
    if status != "open":
        return visit.page("register_closed.html", registration=status)
    return visit.page("register.html", values={}, faults={})


def register_person(visit: Visit) -> Response:
    """Send the link that makes the account; with faults, show the form again as it was.

    The answer is the same whether the address has an account or not.
    """
    if visit.portal.register_throttle.take(visit.address, visit.now):
        return trouble(visit, 429, "Too many registrations", "Try again in some minutes.")
    form = visit.form
    registration = Registration(
        **{name: form.text(name) for name in _FIELDS},
        password=form.text("password"),
        answers=_answers(visit),
    )
    try:
        request_registration(visit.platform, registration, visit.now)
    except FormFaults as error:
        return _faulty(visit, "register.html", _FIELDS, error)
    return visit.page("register_sent.html", email=registration.email.strip())


def show_confirm(visit: Visit) -> Response:
    """Ask for the password that was chosen, when the link is good."""
    return _confirm_page(visit)


def confirm(visit: Visit) -> Response:
    """Make the account and log its owner in."""
    token = visit.parameter("token")
    pending = pending_registration(visit.platform, token, visit.now)
    if pending is None:
        return _confirm_page(visit)
    throttle, key = visit.portal.throttle, f"confirm {pending.username}"
    attempt = throttle.attempt(key, visit.address, visit.now)
    if attempt.wait_s:
        return _confirm_page(visit, 429, f"Too many attempts. Try again in {attempt.wait_s} s.")
    person = confirm_registration(
        visit.platform,
        token,
        visit.form.text("password"),
        visit.now,
        is_suspect=attempt.is_suspect,
    )
    if person is None:
        return _confirm_page(visit, 422, "This is not the password that you registered with.")
    throttle.succeeded(key, visit.address, visit.now)
    return welcome(visit, person.id)


def show_profile(visit: Visit) -> Response:
    """Ask somebody who logged in elsewhere for what the organizers want to know."""
    if visit.session.person is not None:
        return visit.go(HOME)
    status = registration_status(visit.platform.challenge, visit.now)
    if status != "open":
        return visit.page("register_closed.html", registration=status)
    return visit.page("profile.html", values={}, faults={}, account=visit.session.account)


def make_profile(visit: Visit) -> Response:
    """Register somebody who logged in elsewhere."""
    form, account = visit.form, visit.session.account
    profile = ProfileForm(
        **{name: form.text(name) for name in _PROFILE_FIELDS}, answers=_answers(visit)
    )
    try:
        complete_profile(visit.platform, account, profile, visit.now)
    except FormFaults as error:
        return _faulty(visit, "profile.html", _PROFILE_FIELDS, error, account=account)
    return visit.go(HOME)


def _answers(visit: Visit) -> dict[str, str]:
    questions = visit.platform.challenge.people.questions
    return {item.id: visit.form.text(f"answers.{item.id}") for item in questions}


def _faulty(
    visit: Visit, template: str, fields: tuple[str, ...], error: FormFaults, **more: object
) -> Response:
    questions = [f"answers.{item.id}" for item in visit.platform.challenge.people.questions]
    values = {name: visit.form.text(name) for name in (*fields, *questions)}
    return visit.page(template, status=422, values=values, faults=error.fields, **more)


def _confirm_page(visit: Visit, status: int = 200, fault: str = "") -> Response:
    pending = pending_registration(visit.platform, visit.parameter("token"), visit.now)
    if pending is None:
        return trouble(
            visit,
            410,
            "This link is spent",
            "It was used before or is older than three days. Log in if you confirmed your address"
            " already; else register again.",
        )
    return visit.page("confirm.html", status=status, pending=pending, fault=fault)
