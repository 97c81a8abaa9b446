"""A small OpenID Connect provider on loopback, on Authlib's server side: PKCE is demanded.

Run as a program: `python provider.py PORT CLIENT_ID CLIENT_SECRET`. Its people log in by naming
themselves; `deny` is what they answer to refuse.
"""

# ruff: noqa: ARG002, ARG005  (Authlib says what the methods take)

import sys
import uuid
from typing import Any

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode
from authlib.oidc.core.userinfo import UserInfo
from joserfc.jwk import RSAKey

PEOPLE: dict[str, dict[str, Any]] = {
    "subject-of-ada": {
        "preferred_username": "Ada.Example@hospital",
        "email": "Ada@Example.org",
        "email_verified": True,
    },
    "subject-of-eve": {
        "preferred_username": "eve",
        "email": "eve@example.org",
        "email_verified": False,
    },
    "s" * 256: {"preferred_username": "long", "email": "long@example.org"},
    "subject-of-nobody": {"preferred_username": "nobody"},
}
KEY = RSAKey.generate_key(2048, {"kid": uuid.uuid4().hex, "use": "sig", "alg": "RS256"})
_, PORT, CLIENT_ID, CLIENT_SECRET = sys.argv
codes: dict[str, "Code"] = {}


class Client(ClientMixin):  # type: ignore[misc]
    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/portal/login/callback")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    def __init__(self, code: str, subject: str, asked: dict[str, str]) -> None:
        self.code, self.subject = code, subject
        self.redirect_uri, self.scope = asked["redirect_uri"], asked["scope"]
        self.nonce = asked.get("nonce")
        self.code_challenge = asked.get("code_challenge")
        self.code_challenge_method = asked.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    def save_authorization_code(self, code: str, request: Any) -> None:
        codes[code] = Code(code, request.user, dict(request.payload.data))

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        return codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.subject


class IdToken(OpenIDCode):  # type: ignore[misc]
    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def get_client_algorithm(self, client: Any) -> str:
        return "RS256"

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        return {"iss": issuer()}

    def get_encode_header(self, client: Any) -> dict[str, Any]:
        return {"alg": "RS256", "kid": KEY.kid}

    def resolve_client_private_key(self, client: Any) -> Any:
        return KEY

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        return UserInfo(sub=user, **PEOPLE[user])


def issuer() -> str:
    return flask.request.host_url.rstrip("/")


def make_app() -> flask.Flask:
    app = flask.Flask("provider")
    server = AuthorizationServer(app, query_client=_client, save_token=lambda token, request: None)
    server.register_grant(CodeGrant, [IdToken(require_nonce=True), CodeChallenge(required=True)])

    @app.get("/.well-known/openid-configuration")
    def metadata() -> dict[str, Any]:
        return {
            "issuer": issuer(),
            "authorization_endpoint": f"{issuer()}/authorize",
            "token_endpoint": f"{issuer()}/token",
            "jwks_uri": f"{issuer()}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [KEY.as_dict(private=False)]}

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Any:
        if flask.request.method == "GET":
            return '<form method="post"><input name="subject"></form>'
        subject = flask.request.form["subject"]
        grant = server.get_consent_grant(end_user=subject)
        user = None if subject == "deny" else subject
        return server.create_authorization_response(grant_user=user, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return app


def _client(client_id: str) -> Client | None:
    return Client() if client_id == CLIENT_ID else None


if __name__ == "__main__":
    make_app().run("127.0.0.1", int(PORT))
