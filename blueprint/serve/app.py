"""Puts what answers over HTTP together: site, portal, git, and whether we are well."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from blueprint.addresses import Listening
from blueprint.platform import Platform
from blueprint.portal.app import make_portal
from blueprint.portal.headers import SecurityHeaders
from blueprint.portal.services import PortalServices
from blueprint.serve.health import Health
from blueprint.serve.known_hosts import KnownHosts
from blueprint.serve.site import Site

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  # compared with, not listened on


class Front:
    """Gives `/git/` to the gateway as it came, and everything else to the router.

    The router decodes paths; the gateway must judge them undecoded.
    """

    def __init__(self, git: ASGIApp, pages: ASGIApp) -> None:
        self._git = git
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_git = scope["type"] == "http" and scope["raw_path"].startswith(b"/git/")
        await (self._git if is_git else self._pages)(scope, receive, send)


def make_app(
    platform: Platform,
    services: PortalServices,
    git: ASGIApp,
    health: Health,
    listening: Listening,
) -> ASGIApp:
    """Return the application that listens on the platform's address."""

    async def healthz(_request: Request) -> Response:
        # What is wrong is told inside (`diychallenge status`): it may name people.
        return PlainTextResponse("unwell\n", 503) if health.faults() else PlainTextResponse("ok\n")

    pages = Starlette(
        routes=[
            Route("/healthz", healthz),
            Mount("/portal", make_portal(platform, services)),
            Mount("/", SecurityHeaders(Site(platform.state))),
        ]
    )
    address = listening.address
    return KnownHosts(
        Front(git, pages),
        {address, *platform.addresses.hosts},
        any_number=address in _EVERY_ADDRESS,
    )
