"""Puts the portal together: which address shows which page."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from blueprint.adapters.identity_port import Identity
from blueprint.people.password_identity import PasswordIdentity
from blueprint.platform import Platform
from blueprint.portal import (
    account_pages,
    key_pages,
    login_pages,
    password_pages,
    preview_pages,
    register_pages,
    submission_pages,
)
from blueprint.portal.headers import SecurityHeaders
from blueprint.portal.rendering import Templates
from blueprint.portal.services import PortalServices
from blueprint.portal.visit import Page, Portal, Viewer, Visit, endpoint, trouble
from blueprint.portal.visitors import Doorkeeper
from blueprint.resources import package_folder
from blueprint.threads import Threads

_Table = tuple[tuple[str, Page | None, Page | None], ...]

_ANYBODY: _Table = (
    ("/login", login_pages.show_login, None),
    ("/register", register_pages.show_register, None),
    ("/logout", None, login_pages.log_out),
)
_WITH_PASSWORDS: _Table = (
    ("/login", None, login_pages.log_in),
    ("/register", None, register_pages.register_person),
    ("/confirm/{token}", register_pages.show_confirm, register_pages.confirm),
    ("/forgot", password_pages.show_forgot, password_pages.forgot),
    ("/reset/{token}", password_pages.show_reset, password_pages.reset),
)
_WITH_PROVIDER: _Table = (("/login/callback", login_pages.come_back, None),)
_ACCOUNT: _Table = (("/profile", register_pages.show_profile, register_pages.make_profile),)
_PERSON: _Table = (
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

_ORGANIZER: _Table = (("/preview", preview_pages.show_preview, None),)


def make_portal(
    platform: Platform, services: PortalServices, identity: Identity | None = None
) -> Starlette:
    """Return the portal as an ASGI application, to be mounted at `/portal`.

    Without an `identity` accounts have passwords, which are kept in the database.
    """
    identity = identity or PasswordIdentity(platform.database)
    templates = Templates(
        platform.challenge,
        services,
        platform.addresses,
        keeps_passwords=identity.keeps_passwords,
    )
    portal = Portal(platform, services, templates, Doorkeeper(platform), identity)
    by_identity = _WITH_PASSWORDS if identity.keeps_passwords else _WITH_PROVIDER
    routes: list[BaseRoute] = [
        Route("/", lambda _: RedirectResponse("/portal/account", 303)),
        Mount("/static", _static_files()),
        *_routes(portal, _ANYBODY, "anybody"),
        *_routes(portal, by_identity, "anybody", portal.passwords),
        *_routes(portal, _ACCOUNT, "account"),
        *_routes(portal, _PERSON, "person"),
        *_routes(portal, _ORGANIZER, "organizer"),
        Route("/{rest:path}", endpoint(portal, _nothing_here, viewer="anybody")),
    ]
    app = Starlette(routes=routes, exception_handlers={500: _broken})
    app.add_middleware(SecurityHeaders)
    return app


def _routes(
    portal: Portal, table: _Table, viewer: Viewer, posts: Threads | None = None
) -> list[BaseRoute]:
    """Return the routes of a table; forms that are sent are answered in threads of their own."""
    routes: list[BaseRoute] = []
    for path, show, post in table:
        if show is not None:
            routes.append(Route(path, endpoint(portal, show, viewer=viewer), methods=["GET"]))
        if post is not None:
            answer = endpoint(portal, post, viewer=viewer, threads=posts)
            routes.append(Route(path, answer, methods=["POST"]))
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
