"""Says who somebody is by an OpenID Connect provider: authorization code flow with PKCE.

OpenID Connect Core 1.0, RFC 6749, RFC 7636 (S256), RFC 9207 (`iss` in the answer).
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import jwt

from blueprint.adapters.identity_port import Claims, GoTo, LoginRefusedError, LoginRequest
from blueprint.errors import InputError

_TIMEOUT_S = 10.0
_LEEWAY_S = 30
_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"})
"""Signatures with a public key alone: with HS256 our own secret could forge a token."""
_MAX_NAME = 255
"""Characters of a subject (OpenID Connect Core 1.0, section 2), and of an issuer that we keep."""
_NOT_BEGUN = "This login was not begun in this browser, or took too long: log in again."
_BROKEN = "The login service gave an answer that cannot be used: try again, or tell the organizers."
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class OidcIdentity:
    """The identity of accounts that a provider keeps."""

    keeps_passwords = False

    def __init__(self, issuer: str, client_id: str, client_secret: str, return_url: str) -> None:
        """Take what the provider and we agreed on; nothing is asked of it yet.

        Args:
            issuer: The provider's address, as its tokens name it.
            client_id: What it calls this platform.
            client_secret: What it knows this platform by.
            return_url: Where it sends people back to: `.../portal/login/callback`.

        Raises:
            InputError: The issuer would be reached without TLS, over a network, or is too long.
        """
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise InputError(f"{issuer}: a login service is reached over https alone")
        if len(issuer) > _MAX_NAME:
            raise InputError(f"{issuer[:40]}...: an address of more than {_MAX_NAME} characters")
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._return_url = return_url
        self._http = httpx.Client(timeout=_TIMEOUT_S, trust_env=False)
        self._metadata: Mapping[str, Any] = {}
        self._keys: jwt.PyJWKSet | None = None

    def begin(self, request: LoginRequest) -> GoTo:
        """Send the browser to the provider, with a challenge that only this browser can answer.

        Raises:
            LoginRefusedError: The provider cannot be reached.
        """
        del request
        keep = {name: secrets.token_urlsafe(48) for name in ("state", "nonce", "verifier")}
        digest = hashlib.sha256(keep["verifier"].encode("ascii")).digest()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._return_url,
            "scope": "openid profile email",
            "state": keep["state"],
            "nonce": keep["nonce"],
            "code_challenge": base64.urlsafe_b64encode(digest).decode("ascii").rstrip("="),
            "code_challenge_method": "S256",
        }
        endpoint = self._provider()["authorization_endpoint"]
        joint = "&" if "?" in endpoint else "?"
        return GoTo(f"{endpoint}{joint}{urlencode(query)}", json.dumps(keep))

    def finish(self, request: LoginRequest) -> Claims:
        """Return whom the provider names, after every check that the standard asks for.

        Raises:
            LoginRefusedError: The login was not begun here, was refused, or proves nothing.
        """
        fields = request.fields
        keep = json.loads(request.kept) if request.kept else {}
        begun = str(keep.get("state", ""))
        if not begun or not hmac.compare_digest(begun.encode(), fields.get("state", "").encode()):
            raise LoginRefusedError(_NOT_BEGUN, status=400)
        if fields.get("iss", self.issuer) != self.issuer:
            raise LoginRefusedError(_NOT_BEGUN, status=400)
        if "error" in fields:
            raise LoginRefusedError("The login service did not log you in.", status=401)
        token = self._id_token(fields.get("code", ""), keep["verifier"])
        return self._claims(self._verified(token, keep["nonce"]))

    def _id_token(self, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._return_url,
            "code_verifier": verifier,
        }
        auth = httpx.BasicAuth(self._client_id, self._client_secret)
        try:
            answer = self._http.post(self._provider()["token_endpoint"], data=form, auth=auth)
        except httpx.HTTPError:
            raise _unreachable() from None
        if answer.is_client_error:
            raise LoginRefusedError("The login service did not confirm this login: log in again.")
        try:
            return str(_document(answer)["id_token"])
        except KeyError:
            raise LoginRefusedError(_BROKEN, status=502) from None

    def _verified(self, token: str, nonce: str) -> Mapping[str, Any]:
        told = self._provider().get("id_token_signing_alg_values_supported", ["RS256"])
        try:
            header = jwt.get_unverified_header(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(str(header.get("kid", ""))),
                algorithms=sorted(_ALGORITHMS & set(told)),
                audience=self._client_id,
                issuer=self.issuer,
                leeway=_LEEWAY_S,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError:
            raise LoginRefusedError(_BROKEN, status=502) from None
        is_ours = claims.get("azp", self._client_id) == self._client_id
        if not is_ours or not hmac.compare_digest(
            nonce.encode(), str(claims.get("nonce", "")).encode()
        ):
            raise LoginRefusedError(_NOT_BEGUN, status=400)
        return claims

    def _claims(self, token: Mapping[str, Any]) -> Claims:
        subject = str(token["sub"])
        if not 0 < len(subject) <= _MAX_NAME:
            raise LoginRefusedError(_BROKEN, status=502)
        return Claims(
            issuer=self.issuer,
            subject=subject,
            username=str(token.get("preferred_username", "")),
            email=str(token.get("email", "")),
            is_email_verified=token.get("email_verified") is True,
            name=str(token.get("name", "")),
        )

    def _key(self, kid: str) -> jwt.PyJWK:
        """Return the provider's key of that id; its keys are fetched again for a new one."""
        for is_fresh in (False, True):
            if self._keys is None or is_fresh:
                self._keys = jwt.PyJWKSet.from_dict(self._fetch(self._provider()["jwks_uri"]))
            for key in self._keys.keys:
                if kid in ("", key.key_id):
                    return key
        raise LoginRefusedError(_BROKEN, status=502)

    def _provider(self) -> Mapping[str, Any]:
        """Return what the provider says of itself, asked once."""
        if not self._metadata:
            found = self._fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
            if found.get("issuer") != self.issuer or not needed <= set(found):
                raise LoginRefusedError(_BROKEN, status=502)
            self._metadata = found
        return self._metadata

    def _fetch(self, url: str) -> dict[str, Any]:
        try:
            return _document(self._http.get(url))
        except httpx.HTTPError:
            raise _unreachable() from None


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        answer.raise_for_status()
        document = answer.json()
    except (httpx.HTTPError, ValueError):
        raise LoginRefusedError(_BROKEN, status=502) from None
    if not isinstance(document, dict):
        raise LoginRefusedError(_BROKEN, status=502)
    return document


def _unreachable() -> LoginRefusedError:
    return LoginRefusedError("The login service cannot be reached now: try again.", status=503)
