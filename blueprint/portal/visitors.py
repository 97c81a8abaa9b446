"""Who is asking, and the hidden token that proves a form came from one of our own pages.

Somebody logged in has the session's own token. Before that, a cookie holds a random value with
our signature over it, and the form holds another signature over the same value: a foreign site
can neither read nor make such a pair.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from blueprint.files import ensure_secret
from blueprint.people.sessions import LIFETIME, Session, session_of
from blueprint.platform import Platform

_SECRET_BYTES = 32
_LOGIN_S = 600


@dataclass(frozen=True)
class Visitor:
    """The person behind a request; `session` is None when nobody is logged in."""

    csrf: str
    session: Session | None = None
    new_cookie: str | None = None
    """The signed cookie to set, when the browser brought none that is good."""


class Doorkeeper:
    """Reads and sets the portal's cookies: a session, a visit, a login under way elsewhere."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._secret = ensure_secret(
            platform.state.keys / "portal.key", lambda: secrets.token_bytes(_SECRET_BYTES)
        )
        # Cookies do not know ports: the id keeps two challenges on one host apart.
        self._session_name = f"{platform.challenge.challenge.id}-session"
        self._login_name = f"{platform.challenge.challenge.id}-login"
        self._visit_name = f"{platform.challenge.challenge.id}-visit"
        self._is_secure = platform.addresses.is_secure

    def visitor_of(self, request: Request, now: datetime) -> Visitor:
        """Return who sent the request."""
        session = session_of(self._platform.database, self.session_token(request), now)
        if session is not None:
            return Visitor(session.csrf, session)
        brought = request.cookies.get(self._visit_name, "")
        nonce = brought.partition(".")[0]
        if nonce and hmac.compare_digest(brought.encode(), self._visit_cookie(nonce).encode()):
            return Visitor(self._signature("form", nonce))
        nonce = secrets.token_urlsafe(24)
        return Visitor(self._signature("form", nonce), new_cookie=self._visit_cookie(nonce))

    def session_token(self, request: Request) -> str:
        """Return the session cookie's value, empty when there is none."""
        return request.cookies.get(self._session_name, "")

    def remember(self, response: Response, visitor: Visitor) -> None:
        """Set the signed cookie of somebody who came without one."""
        if visitor.new_cookie:
            self._set(response, self._visit_name, visitor.new_cookie, None)

    def log_in(self, response: Response, token: str) -> None:
        """Give the browser the session."""
        self._set(response, self._session_name, token, int(LIFETIME.total_seconds()))

    def log_out(self, response: Response) -> None:
        """Take the session's cookie away."""
        self._set(response, self._session_name, "", 0)

    def keep(self, response: Response, text: str) -> None:
        """Let the browser keep a text, signed, until it comes back from logging in elsewhere."""
        packed = base64.urlsafe_b64encode(text.encode()).decode()
        signed = f"{packed}.{self._signature('login', packed)}"
        self._set(response, self._login_name, signed, _LOGIN_S)

    def kept(self, request: Request) -> str:
        """Return what `keep` left, empty when there is nothing of ours."""
        packed, _, signature = request.cookies.get(self._login_name, "").partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature("login", packed).encode()):
            return ""
        return base64.urlsafe_b64decode(packed).decode()

    def forget_kept(self, response: Response) -> None:
        """Take away what was kept: it is good for one coming back."""
        self._set(response, self._login_name, "", 0)

    def _set(self, response: Response, name: str, value: str, max_age_s: int | None) -> None:
        response.set_cookie(
            name,
            value,
            max_age=max_age_s,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._is_secure,
        )

    def _visit_cookie(self, nonce: str) -> str:
        return f"{nonce}.{self._signature('visit', nonce)}"

    def _signature(self, purpose: str, nonce: str) -> str:
        text = f"{purpose}:{nonce}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()
