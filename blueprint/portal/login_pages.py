"""Logging in and out, and the way back for those who forgot their password."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from blueprint.people.accounts import authenticate
from blueprint.people.forms import FormFaults
from blueprint.people.person import Person, find_person
from blueprint.people.resets import (
    finish_reset,
    held_credentials,
    request_reset,
    reset_person,
)
from blueprint.people.sessions import close_session, open_session
from blueprint.portal.rendering import span
from blueprint.portal.visit import Visit, trouble

_log = logging.getLogger(__name__)
_HOME = "/portal/account"


def show_login(visit: Visit) -> Response:
    """Show the login form; somebody logged in goes on."""
    target = safe_target(visit.request.query_params.get("next", ""))
    if visit.visitor.session is not None:
        return visit.go(target)
    return visit.page("login.html", next=target, login="", fault="")


def log_in(visit: Visit) -> Response:
    """Open a session for the right password; failures are counted by account and address."""
    login, target = visit.form.text("username"), safe_target(visit.form.text("next"))
    throttle = visit.portal.throttle
    attempt = throttle.attempt(login, visit.address, visit.now)
    if attempt.wait_s:
        length = span(timedelta(seconds=attempt.wait_s))
        fault = f"Too many wrong passwords for this name. Try again in {length}."
        return visit.page("login.html", status=429, next=target, login=login, fault=fault)
    person = authenticate(
        visit.platform.database,
        login,
        visit.form.text("password"),
        is_suspect=attempt.is_suspect,
    )
    if person is None:
        _note_failure(visit, login)
        fault = "This name and password do not belong together, or access was withdrawn."
        return visit.page("login.html", status=401, next=target, login=login, fault=fault)
    throttle.succeeded(login, visit.address, visit.now)
    return welcome(visit, person, target)


def _note_failure(visit: Visit, login: str) -> None:
    """Log a failed login; never what was typed, which may have been the password."""
    person = find_person(visit.platform.database, login)
    failures = visit.portal.throttle.failures(login, visit.address, visit.now)
    _log.warning(
        "a login failed: %s from %s, %d in a row",
        person.username if person else "an unknown account",
        visit.address,
        failures,
    )


def welcome(visit: Visit, person: Person, target: str = _HOME) -> Response:
    """Return a redirect that carries a fresh session, so that no older cookie is worth a thing."""
    close_session(visit.platform.database, visit.portal.door.session_token(visit.request))
    token, _ = open_session(visit.platform.database, person.id, visit.now)
    response = visit.go(target)
    visit.portal.door.log_in(response, token)
    return response


def log_out(visit: Visit) -> Response:
    """End the session here and in the browser."""
    close_session(visit.platform.database, visit.portal.door.session_token(visit.request))
    response = visit.go("/portal/login")
    visit.portal.door.log_out(response)
    return response


def show_forgot(visit: Visit) -> Response:
    """Ask for the mail address."""
    return visit.page("forgot.html", is_sent=False)


def forgot(visit: Visit) -> Response:
    """Send a link when the address has an account; the answer is the same when it has none."""
    if visit.portal.reset_throttle.take(visit.address, visit.now):
        return trouble(visit, 429, "Too many requests", "Try again in some minutes.")
    request_reset(visit.platform, visit.form.text("email"), visit.now)
    return visit.page("forgot.html", is_sent=True)


def show_reset(visit: Visit) -> Response:
    """Show the form for the new password, when the link is good."""
    person = reset_person(visit.platform, visit.parameter("token"), visit.now)
    if person is None:
        return _spent(visit)
    return _reset_page(visit, person, {})


def reset(visit: Visit) -> Response:
    """Set the new password and ask for it at once."""
    token, form = visit.parameter("token"), visit.form
    person = reset_person(visit.platform, token, visit.now)
    if person is None:
        return _spent(visit)
    try:
        finished = finish_reset(
            visit.platform,
            token,
            form.text("password"),
            visit.now,
            password_again=form.text("password_again"),
            end_git_tokens=form.text("end_git_tokens") == "yes",
            end_ssh_keys=form.text("end_ssh_keys") == "yes",
        )
    except FormFaults as error:
        return _reset_page(visit, person, error.fields)
    visit.portal.services.access_changed()
    return visit.page("reset_done.html", finished=finished)


def _reset_page(visit: Visit, person: Person, faults: Mapping[str, str]) -> Response:
    return visit.page(
        "reset.html",
        status=422 if faults else 200,
        username=person.username,
        held=held_credentials(visit.platform, person),
        faults=faults,
    )


def _spent(visit: Visit) -> Response:
    return trouble(
        visit,
        410,
        "This link is spent",
        "It was used before or is older than one hour. Ask for a new one on the login page.",
    )


def safe_target(target: str) -> str:
    """Return a page of the portal to go on to: never another site, never the login itself."""
    path = target if target.startswith("/portal/") else _HOME
    has_trick = any(sign in path for sign in ("\\", "//", "..", "\n", "\r"))
    is_loop = path.startswith(("/portal/login", "/portal/logout"))
    return _HOME if has_trick or is_loop else path
