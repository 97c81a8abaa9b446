"""Puts the portal together: which address shows which page."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from blueprint.platform import Platform
from blueprint.portal import (
    account_pages,
    key_pages,
    login_pages,
    register_pages,
    submission_pages,
)
from blueprint.portal.headers import SecurityHeaders
from blueprint.portal.rendering import Templates
from blueprint.portal.services import PortalServices
from blueprint.portal.visit import Page, Portal, Visit, endpoint, trouble
from blueprint.portal.visitors import Doorkeeper
from blueprint.resources import package_folder

_PUBLIC: tuple[tuple[str, Page | None, Page | None], ...] = (
    ("/login", login_pages.show_login, login_pages.log_in),
    ("/register", register_pages.show_register, register_pages.register_person),
    ("/forgot", login_pages.show_forgot, login_pages.forgot),
    ("/reset/{token}", login_pages.show_reset, login_pages.reset),
    ("/logout", None, login_pages.log_out),
)
_PRIVATE: tuple[tuple[str, Page | None, Page | None], ...] = (
    ("/account", account_pages.show_account, None),
    (
        "/agreement/{agreement}",
        account_pages.show_agreement,
        account_pages.accept_agreement,
    ),
    ("/team/code", None, account_pages.renew_code),
    ("/keys", key_pages.show_keys, key_pages.add_ssh_key),
    ("/keys/{key}/remove", None, key_pages.remove_ssh_key),
    ("/tokens", key_pages.show_tokens, key_pages.make_token),
    ("/tokens/{token}/rotate", None, key_pages.renew_token),
    ("/tokens/{token}/revoke", None, key_pages.end_token),
    ("/submissions", submission_pages.show_submissions, None),
    ("/submissions/state.json", submission_pages.list_state, None),
    ("/submissions/{number}", submission_pages.show_submission, None),
    ("/submissions/{number}/state.json", submission_pages.submission_state, None),
    ("/submissions/{number}/receipt.json", submission_pages.receipt, None),
)


def make_portal(platform: Platform, services: PortalServices) -> Starlette:
    """Return the portal as an ASGI application, to be mounted at `/portal`."""
    templates = Templates(platform.challenge, services, platform.addresses)
    portal = Portal(platform, services, templates, Doorkeeper(platform))
    routes: list[BaseRoute] = [
        Route("/", lambda _: RedirectResponse("/portal/account", 303)),
        Mount("/static", _static_files()),
        *_routes(portal, _PUBLIC, login=False),
        *_routes(portal, _PRIVATE, login=True),
        Route("/{rest:path}", endpoint(portal, _nothing_here, login=False)),
    ]
    app = Starlette(routes=routes, exception_handlers={500: _broken})
    app.add_middleware(SecurityHeaders)
    return app


def _routes(
    portal: Portal, table: tuple[tuple[str, Page | None, Page | None], ...], *, login: bool
) -> list[BaseRoute]:
    routes: list[BaseRoute] = []
    for path, show, post in table:
        if show is not None:
            routes.append(Route(path, endpoint(portal, show, login=login), methods=["GET"]))
        if post is not None:
            routes.append(Route(path, endpoint(portal, post, login=login), methods=["POST"]))
    return routes


def _static_files() -> StaticFiles:
    """Return the portal's own files, and the site's style sheet which gives both their look."""
    files = StaticFiles(directory=package_folder() / "portal" / "static")
    files.all_directories.append(package_folder() / "publish" / "static")
    return files


def _nothing_here(visit: Visit) -> Response:
    return trouble(visit, 404, "There is nothing here", "This page does not exist.")


async def _broken(_request: Request, _error: Exception) -> Response:
    """Answer a fault of ours; the traceback goes to the platform's log alone."""
    text = "Something broke on our side. It is in the platform's log; try again."
    return HTMLResponse(f"<!doctype html><title>Error</title><p>{text}</p>", 500)
