"""Registration: the form, and the account that it becomes."""

from starlette.responses import Response

from blueprint.config.schedule import registration_status
from blueprint.people.forms import FormFaults
from blueprint.people.registration import Registration, register
from blueprint.portal.login_pages import welcome
from blueprint.portal.visit import Visit, trouble

_FIELDS = ("username", "email", "name", "team_name", "team_code")


def show_register(visit: Visit) -> Response:
    """Show the empty form, or when registration opens."""
    status = registration_status(visit.platform.challenge, visit.now)
    if status != "open":
        return visit.page("register_closed.html", registration=status)
    return visit.page("register.html", values={}, faults={})


def register_person(visit: Visit) -> Response:
    """Make the account and log the person in; with faults, show the form again as it was."""
    if visit.portal.register_throttle.take(visit.address, visit.now):
        return trouble(visit, 429, "Too many registrations", "Try again in some minutes.")
    form = visit.form
    questions = [f"answers.{item.id}" for item in visit.platform.challenge.people.questions]
    registration = Registration(
        **{name: form.text(name) for name in _FIELDS},
        password=form.text("password"),
        answers={name.partition(".")[2]: form.text(name) for name in questions},
    )
    try:
        person = register(visit.platform, registration, visit.now)
    except FormFaults as error:
        values = {name: form.text(name) for name in (*_FIELDS, *questions)}
        return visit.page("register.html", status=422, values=values, faults=error.fields)
    return welcome(visit, person)
