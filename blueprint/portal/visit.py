"""One request to the portal as the pages see it, and everything that is checked before them."""

import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from blueprint.adapters.identity_port import Identity
from blueprint.errors import BlueprintError, ConflictError, NotFoundError
from blueprint.people.person import Person
from blueprint.people.roles import roles_of
from blueprint.people.sessions import Session
from blueprint.people.throttle import LoginThrottle, Throttle
from blueprint.platform import Platform
from blueprint.portal.forms import BadFormError, Form, read_form
from blueprint.portal.rendering import Templates
from blueprint.portal.services import PortalServices
from blueprint.portal.visitors import Doorkeeper, Visitor
from blueprint.threads import BusyError, Threads

SEE_OTHER = 303
_RESET_WINDOW = timedelta(minutes=15)
_REGISTER_WINDOW = timedelta(minutes=15)
_WAIT_S = 10.0
_BUSY = (
    "<!doctype html><title>Busy</title><p>Very many people are here just now, and nothing was "
    "done. Go back and try again in a minute.</p>"
)


@dataclass(frozen=True)
class Portal:
    """What every page needs."""

    platform: Platform
    services: PortalServices
    templates: Templates
    door: Doorkeeper
    identity: Identity
    throttle: LoginThrottle = field(default_factory=LoginThrottle)
    """Passwords that open a registration; the identity counts its own logins."""
    reset_throttle: Throttle = field(default_factory=lambda: Throttle(10, _RESET_WINDOW))
    """Asked-for reset links by address."""
    register_throttle: Throttle = field(default_factory=lambda: Throttle(60, _REGISTER_WINDOW))
    """Registrations by address, the faulty ones too; a whole class may share one address."""
    pages: Threads = field(default_factory=lambda: Threads(8, wait_s=_WAIT_S))
    passwords: Threads = field(default_factory=lambda: Threads(16, wait_s=_WAIT_S))
    """Those in which passwords are compared, a few at a time: no page waits for them."""


@dataclass(frozen=True)
class Visit:
    """One request: who sent it, when, and what the form says."""

    portal: Portal
    request: Request
    visitor: Visitor
    form: Form
    now: datetime

    @property
    def platform(self) -> Platform:
        """The platform's handle."""
        return self.portal.platform

    @property
    def session(self) -> Session:
        """The session; only pages that ask for a login may use it."""
        if self.visitor.session is None:
            raise AssertionError("this page is shown to people who are logged in")
        return self.visitor.session

    @property
    def person(self) -> Person:
        """The person who is logged in; only pages for people who registered may use it."""
        if self.session.person is None:
            raise AssertionError("this page is shown to people who registered")
        return self.session.person

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.request.client.host if self.request.client else "unknown"

    def parameter(self, name: str) -> str:
        """Return a part of the address, empty when there is none."""
        return str(self.request.path_params.get(name, ""))

    def number(self, name: str) -> int:
        """Return a number in the address.

        Raises:
            NotFoundError: It is none that an id of ours could be.
        """
        text = self.parameter(name)
        if not re.fullmatch("[0-9]{1,9}", text):
            raise NotFoundError(f"{text[:40]!r} is no number")
        return int(text)

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        """Return a rendered page."""
        html = self.portal.templates.render(
            template, visitor=self.visitor, path=self.request.url.path, now=self.now, **values
        )
        return Response(html, status, media_type="text/html", headers={"cache-control": "no-store"})

    def go(self, path: str) -> Response:
        """Return a redirect to a page of ours, to be fetched with GET."""
        return RedirectResponse(path, SEE_OTHER, headers={"cache-control": "no-store"})


Page = Callable[[Visit], Response]
"""A page: called in a worker thread, so that it may wait for the database."""

Viewer = Literal["anybody", "account", "person", "organizer"]
"""For whom a page is: anybody, who has logged in, who registered too, who has that role."""


def endpoint(
    portal: Portal, page: Page, *, viewer: Viewer, threads: Threads | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Return the ASGI endpoint for a page; strangers are sent to the login page if need be."""
    room = threads or portal.pages

    async def serve(request: Request) -> Response:
        form, fault = Form(), None
        if request.method == "POST":
            try:
                form = await read_form(request)
            except BadFormError as error:
                fault = error
        answer = partial(_answer, portal, page, request, form, fault, viewer=viewer)
        try:
            return await room.run(answer)
        except BusyError:
            return HTMLResponse(_BUSY, 503, headers={"retry-after": "10"})

    return serve


def _answer(
    portal: Portal,
    page: Page,
    request: Request,
    form: Form,
    fault: BadFormError | None,
    *,
    viewer: Viewer,
) -> Response:
    now = portal.platform.clock()
    visit = Visit(portal, request, portal.door.visitor_of(request, now), form, now)
    response = _refusal(visit, fault, viewer) or _shown(visit, page)
    portal.door.remember(response, visit.visitor)
    return response


def _refusal(visit: Visit, fault: BadFormError | None, viewer: Viewer) -> Response | None:
    """Return the answer to a request that no page may see, or None."""
    is_post = visit.request.method == "POST"
    if fault is not None:
        return trouble(visit, fault.status, "This form cannot be read", str(fault))
    if (elsewhere := _elsewhere(visit, viewer)) is not None:
        return elsewhere
    given = visit.form.text("csrf").encode("utf-8", "surrogatepass")
    if is_post and not hmac.compare_digest(given, visit.visitor.csrf.encode()):
        return trouble(
            visit,
            403,
            "This form has expired",
            "Nothing was changed. Go back, reload the page and send the form again.",
        )
    return None


def _elsewhere(visit: Visit, viewer: Viewer) -> Response | None:
    """Return where somebody goes for whom a page is not, or None."""
    session = visit.visitor.session
    if viewer == "anybody":
        return None
    if session is None:
        is_post = visit.request.method == "POST"
        target = "/portal/account" if is_post else visit.request.url.path
        return visit.go(f"/portal/login?next={quote(target)}")
    if viewer == "person" and session.person is None:
        return visit.go("/portal/profile")
    if viewer == "organizer":
        with visit.platform.database.read() as connection:
            if "organizer" not in roles_of(connection, session.account.id):
                return trouble(visit, 404, "There is nothing here", "This page does not exist.")
    return None


def _shown(visit: Visit, page: Page) -> Response:
    """Return the page; what a user did wrong becomes a page too, never a bare error."""
    try:
        return page(visit)
    except NotFoundError as error:
        return trouble(visit, 404, "There is nothing here", _sentence(error))
    except ConflictError as error:
        return trouble(visit, 409, "That did not work", _sentence(error))
    except BlueprintError as error:
        return trouble(visit, 400, "That did not work", _sentence(error))


def trouble(visit: Visit, status: int, title: str, text: str) -> Response:
    """Return a page that says what went wrong."""
    return visit.page("trouble.html", status=status, title=title, text=text)


def _sentence(error: BlueprintError) -> str:
    text = f"{error}. {error.hint or ''}".strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."
