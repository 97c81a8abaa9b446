"""Logging in and out: the identity says who somebody is, everything after it is the same."""

import json

from starlette.responses import Response

from blueprint.adapters.identity_port import GoTo, LoginRefusedError, LoginRequest
from blueprint.people.accounts import ensure_account
from blueprint.people.person import person_by_id
from blueprint.people.sessions import close_session, open_session
from blueprint.portal.visit import Visit, trouble

HOME = "/portal/account"


def show_login(visit: Visit) -> Response:
    """Begin a login, in our own form or at a provider; somebody logged in goes on."""
    target = safe_target(visit.request.query_params.get("next", ""))
    if visit.visitor.session is not None:
        return visit.go(target)
    try:
        begun = visit.portal.identity.begin(_request(visit))
    except LoginRefusedError as error:
        return trouble(visit, error.status, "You cannot log in now", str(error))
    if isinstance(begun, GoTo):
        response = visit.go(begun.url)
        kept = json.dumps({"next": target, "keep": begun.keep})
        visit.portal.door.keep(response, kept)
        return response
    return _form(visit, target)


def log_in(visit: Visit) -> Response:
    """Finish a login that our own form began."""
    target = safe_target(visit.form.text("next"))
    try:
        return finish_login(visit, _request(visit), target)
    except LoginRefusedError as error:
        return _form(visit, target, login=visit.form.text("username"), refused=error)


def come_back(visit: Visit) -> Response:
    """Finish a login that a provider did: the browser brings what `begin` gave it to keep."""
    kept = visit.portal.door.kept(visit.request)
    document = json.loads(kept) if kept else {"next": "", "keep": ""}
    request = _request(visit, kept=document["keep"])
    try:
        response = finish_login(visit, request, safe_target(document["next"]))
    except LoginRefusedError as error:
        response = trouble(visit, error.status, "You are not logged in", str(error))
    visit.portal.door.forget_kept(response)
    return response


def finish_login(visit: Visit, request: LoginRequest, target: str = HOME) -> Response:
    """Open a session for whom the identity names.

    Raises:
        LoginRefusedError: The identity names nobody, or access was withdrawn.
    """
    claims = visit.portal.identity.finish(request)
    account = ensure_account(visit.platform, claims, visit.now)
    person = person_by_id(visit.platform.database, account.id)
    if person is not None and person.status == "revoked":
        raise LoginRefusedError("Access was withdrawn.", status=403)
    return welcome(visit, account.id, target)


def welcome(visit: Visit, account_id: int, target: str = HOME) -> Response:
    """Return a redirect with a new session; the one that the browser had before ends."""
    close_session(visit.platform.database, visit.portal.door.session_token(visit.request))
    token, _ = open_session(visit.platform.database, account_id, visit.now)
    response = visit.go(target)
    visit.portal.door.log_in(response, token)
    return response


def log_out(visit: Visit) -> Response:
    """End the session here and in the browser."""
    close_session(visit.platform.database, visit.portal.door.session_token(visit.request))
    response = visit.go("/portal/login" if visit.portal.identity.keeps_passwords else "/")
    visit.portal.door.log_out(response)
    return response


def safe_target(target: str) -> str:
    """Return a page of the portal to go on to: never another site, never the login itself."""
    path = target if target.startswith("/portal/") else HOME
    has_trick = any(sign in path for sign in ("\\", "//", "..", "\n", "\r"))
    is_loop = path.startswith(("/portal/login", "/portal/logout"))
    return HOME if has_trick or is_loop else path


def _form(
    visit: Visit, target: str, *, login: str = "", refused: LoginRefusedError | None = None
) -> Response:
    return visit.page(
        "login.html",
        status=refused.status if refused else 200,
        next=target,
        login=login,
        fault=str(refused) if refused else "",
    )


def _request(visit: Visit, *, kept: str = "") -> LoginRequest:
    fields = visit.form.fields if visit.request.method == "POST" else visit.request.query_params
    return LoginRequest(dict(fields), visit.address, visit.now, kept)
