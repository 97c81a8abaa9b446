"""One realm of a Keycloak, through python-keycloak: each call is one thing read or written."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import (
    KeycloakAuthenticationError,
    KeycloakConnectionError,
    KeycloakDeleteError,
    KeycloakError,
    KeycloakGetError,
    KeycloakPostError,
    KeycloakPutError,
    raise_error_from_response,
)

from blueprint.errors import BlueprintError, ToolError

Json = dict[str, Any]
_Answer = TypeVar("_Answer")
ScopeKind = Literal["default", "optional"]
_TIMEOUT_S = 60
_NOT_FOUND = 404
_REFUSED = (400, 401, 403)
_MAX_TOLD = 200
_MANAGEMENT = "realm-management"
"""The client whose roles are rights in a realm."""


class LoginToKeycloakError(BlueprintError):
    """Keycloak does not know the client, or its secret is another."""


@dataclass(frozen=True)
class ServiceLogin:
    """A client that logs in as itself."""

    url: str
    realm: str
    """The one that the client lies in: `master`, or the challenge's own."""
    client: str
    secret: str
    ca_file: Path | None = None


class KeycloakRealm:
    """What provisioning reads and writes in a realm, which need not exist yet.

    Raises:
        LoginToKeycloakError: By every method: the client or its secret is not known.
        ToolError: By every method: it cannot be reached, or says no.
    """

    def __init__(self, login: ServiceLogin, realm: str, *,
                 connect: Callable[..., Any] = KeycloakOpenIDConnection) -> None:  # fmt: skip
        """Take the login; nothing is asked yet.

        Args:
            login: Who asks.
            realm: What is asked about.
            connect: Makes the connection.
        """
        self.name = realm
        self._connection = connect(
            server_url=login.url,
            grant_type="client_credentials",
            realm_name=realm,
            user_realm_name=login.realm,
            client_id=login.client,
            client_secret_key=login.secret,
            verify=str(login.ca_file) if login.ca_file else True,
            timeout=_TIMEOUT_S,
        )
        self._admin = KeycloakAdmin(connection=self._connection)

    def log_in(self) -> None:
        """Ask for a token, and so see that the login is right; rights are those of this moment."""
        try:
            self._connection.get_token()
        except KeycloakConnectionError as error:
            raise _in_words("log in", error) from None
        except KeycloakError as error:
            if error.response_code in (*_REFUSED, _NOT_FOUND):
                raise LoginToKeycloakError(
                    f"Keycloak does not let client {self._connection.client_id} log in"
                ) from None
            raise _in_words("log in", error) from None

    def realm(self) -> Json | None:
        """Return the realm's own fields; None: there is no such realm."""
        return _found("read the realm", lambda: self._admin.get_realm(self.name))

    def make_realm(self, fields: Mapping[str, Any]) -> None:
        """Make the realm, and take the rights in it that a token from before does not have."""
        _told("make the realm", lambda: self._admin.create_realm({**fields, "realm": self.name}))
        self.log_in()

    def replace_realm(self, document: Json) -> None:
        """Put the whole document in the place of the one there."""
        _told("change the realm", lambda: self._admin.update_realm(self.name, document))

    def profile(self) -> Json:
        """Return which attributes a person has, and who may change them."""
        return _told("read the user profile", self._admin.get_realm_users_profile)

    def replace_profile(self, document: Json) -> None:
        """Put the whole profile in the place of the one there."""
        _told("change the user profile", lambda: self._admin.update_realm_users_profile(document))

    def required_action(self, alias: str) -> Json | None:
        """Return something that a person may have to do at log-in; None: it is not known."""
        every: list[Json] = _told("read required actions", self._admin.get_required_actions)
        return {one["alias"]: one for one in every}.get(alias)

    def replace_required_action(self, alias: str, document: Json) -> None:
        """Put the whole action in the place of the one there."""
        _told(f"change required action {alias}",
              lambda: self._admin.update_required_action(alias, document))  # fmt: skip

    def text(self, key: str) -> str | None:
        """Return a text of the realm's pages in English; None: Keycloak's own is shown."""
        found = _found("read the texts", lambda: self._get("localization/en"))
        return None if found is None or key not in found else str(found[key])

    def set_text(self, key: str, text: str) -> None:
        """Show this text instead of Keycloak's own."""
        path = self._path("localization/en")  # keeps the other texts
        _told(f"set text {key}", lambda: raise_error_from_response(
            self._connection.raw_post(path, data=json.dumps({key: text})), KeycloakPostError
        ))  # fmt: skip

    def scope(self, name: str) -> Json | None:
        """Return a client scope, its mappers included; None: there is none of that name."""
        every: list[Json] = _told("read the client scopes", self._admin.get_client_scopes)
        return {one["name"]: one for one in every}.get(name)

    def make_scope(self, name: str, fields: Mapping[str, Any]) -> None:
        """Make a client scope, without mappers."""
        _told(f"make client scope {name}",
              lambda: self._admin.create_client_scope({**fields, "name": name}))  # fmt: skip

    def replace_scope(self, document: Json) -> None:
        """Put the whole client scope in the place of the one of its id."""
        _told(f"change client scope {document['name']}",
              lambda: self._admin.update_client_scope(document["id"], document))  # fmt: skip

    def make_mapper(self, scope_id: str, fields: Mapping[str, Any]) -> None:
        """Add a mapper to a client scope."""
        _told(f"make mapper {fields['name']}",
              lambda: self._admin.add_mapper_to_client_scope(scope_id, dict(fields)))  # fmt: skip

    def replace_mapper(self, scope_id: str, document: Json) -> None:
        """Put the whole mapper in the place of the one of its id."""
        _told(f"change mapper {document['name']}", lambda:
              self._admin.update_mapper_in_client_scope(scope_id, document["id"], document),
              )  # fmt: skip

    def remove_mapper(self, scope_id: str, mapper_id: str) -> None:
        """Take a mapper out of a client scope."""
        _told("remove a mapper",
              lambda: self._admin.delete_mapper_from_client_scope(scope_id, mapper_id))  # fmt: skip

    def client(self, name: str) -> Json | None:
        """Return a client, its secret included; None: there is none of that name."""

        def read() -> Json | None:
            found = self._admin.get_client_id(name)
            return None if found is None else self._admin.get_client(found)

        return _told(f"read client {name}", read)  # fmt: skip

    def make_client(self, name: str, fields: Mapping[str, Any]) -> None:
        """Make a client."""
        _told(f"make client {name}",
              lambda: self._admin.create_client({**fields, "clientId": name}))  # fmt: skip

    def replace_client(self, document: Json) -> None:
        """Put the whole client in the place of the one of its id."""
        _told(f"change client {document['clientId']}",
              lambda: self._admin.update_client(document["id"], document))  # fmt: skip

    def remove_client(self, client_id: str) -> None:
        """Remove the client of that id; whoever has its secret is locked out."""
        _told("remove a client", lambda: self._admin.delete_client(client_id))

    def scopes_of(self, client_id: str, kind: ScopeKind) -> dict[str, str]:
        """Return the scopes of a client, name to id."""
        read = (self._admin.get_client_default_client_scopes if kind == "default"
                else self._admin.get_client_optional_client_scopes)  # fmt: skip
        return {one["name"]: one["id"] for one in _told("read scopes", lambda: read(client_id))}

    def give_scope(self, client_id: str, scope_id: str) -> None:
        """Let every token of a client say what a scope says."""
        _told("give a scope", lambda: self._admin.add_client_default_client_scope(
            client_id, scope_id, {}))  # fmt: skip

    def take_scope(self, client_id: str, scope_id: str, kind: ScopeKind) -> None:
        """Take a scope from a client."""
        take = (self._admin.delete_client_default_client_scope if kind == "default"
                else self._admin.delete_client_optional_client_scope)  # fmt: skip
        _told("take a scope", lambda: take(client_id, scope_id))

    def rights_of(self, client_id: str) -> frozenset[str]:
        """Return what a client itself may do in this realm."""
        user, management = self._service_account(client_id)
        found = _told("read rights", lambda: self._admin.get_client_roles_of_user(user, management))
        return frozenset(one["name"] for one in found)

    def give_rights(self, client_id: str, names: list[str]) -> None:
        """Let a client do more in this realm."""
        user, management = self._service_account(client_id)
        every = _told("read roles", lambda: self._admin.get_client_roles(management))
        roles = [one for one in every if one["name"] in names]
        _told("give rights", lambda: self._admin.assign_client_role(user, management, roles))

    def group(self, path: str) -> str | None:
        """Return the id of a group; None: there is none at that path."""
        found = _found(f"read group {path}", lambda: self._get(f"group-by-path{quote(path)}"))
        return None if found is None else str(found["id"])

    def make_group(self, name: str) -> None:
        """Make a group that is in no other."""
        _told(f"make group {name}", lambda: self._admin.create_group({"name": name}))

    def default_groups(self) -> dict[str, str]:
        """Return the groups that are given to whoever registers, path to id."""
        read = self._path("default-groups")
        found = _told("read default groups", lambda: raise_error_from_response(
            self._connection.raw_get(read), KeycloakGetError))  # fmt: skip
        return {one["path"]: one["id"] for one in found}

    def set_default_group(self, group_id: str, *, is_default: bool) -> None:
        """Give a group to whoever registers, or no longer."""
        path = self._path(f"default-groups/{group_id}")
        if is_default:
            _told("give a default group", lambda: raise_error_from_response(
                self._connection.raw_put(path, data=json.dumps({})), KeycloakPutError))  # fmt: skip
        else:
            _told("take a default group", lambda: raise_error_from_response(
                self._connection.raw_delete(path), KeycloakDeleteError))  # fmt: skip

    def _service_account(self, client_id: str) -> tuple[str, str]:
        user = _told("read the client's account",
                     lambda: self._admin.get_client_service_account_user(client_id))  # fmt: skip
        management = _told("read roles", lambda: self._admin.get_client_id(_MANAGEMENT))
        return user["id"], management

    def _path(self, path: str) -> str:
        return f"admin/realms/{quote(self.name, safe='')}/{path}"

    def _get(self, path: str) -> Json:
        answer: Json = raise_error_from_response(
            self._connection.raw_get(self._path(path)), KeycloakGetError
        )
        return answer


def _told(what: str, ask: Callable[[], _Answer]) -> _Answer:
    """Return what Keycloak answers; its faults in words that an admin can act on."""
    try:
        return ask()
    except KeycloakError as error:
        raise _in_words(what, error) from None


def _found(what: str, ask: Callable[[], _Answer]) -> _Answer | None:
    """Return what Keycloak answers; None where it knows no such thing."""
    try:
        return ask()
    except KeycloakError as error:
        if error.response_code == _NOT_FOUND:
            return None
        raise _in_words(what, error) from None


def _in_words(what: str, error: KeycloakError) -> BlueprintError:
    if isinstance(error, KeycloakConnectionError):
        return ToolError(
            f"Keycloak cannot be reached, to {what}",
            hint="look at the service `identity`, then deploy again",
        )
    if isinstance(error, KeycloakAuthenticationError):
        return LoginToKeycloakError(f"Keycloak does not let us {what}: the login is not known")
    told = "".join(one for one in _said(error) if one.isprintable())[:_MAX_TOLD]
    return ToolError(
        f"Keycloak refused to {what}: {error.response_code} {told}".rstrip(),
        hint="look at the log of the service `identity`, then deploy again",
    )


def _said(error: KeycloakError) -> str:
    try:
        body = json.loads(error.response_body or b"")
        return str(body.get("errorMessage") or body.get("error") or "")
    except (ValueError, AttributeError):
        return ""
