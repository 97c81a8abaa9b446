"""The way back for those who forgot their password."""

from collections.abc import Mapping

from starlette.responses import Response

from blueprint.people.forms import FormFaults
from blueprint.people.person import Person
from blueprint.people.resets import (
    finish_reset,
    held_credentials,
    request_reset,
    reset_person,
)
from blueprint.portal.visit import Visit, trouble


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
    """Set the new password, and say what ended with the old one and what did not."""
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
