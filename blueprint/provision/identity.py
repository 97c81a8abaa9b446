"""Converges Keycloak: realm, user profile, scopes, clients, groups.

Everything is looked at, changed where it is not as wanted, and looked at again. Keycloak replaces
documents whole, so what is there is read, the wanted put into it, and the whole written. It may be
cut off anywhere and run again; what others made is left alone, but for what would widen rights:
mappers in our scopes, scopes of our clients, groups for whoever registers.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from blueprint.adapters.keycloak import Json, KeycloakRealm, ScopeKind
from blueprint.errors import InputError, ToolError
from blueprint.provision.changes import Change, Report, ensure
from blueprint.provision.merging import covers, differing, merged
from blueprint.provision.wanted_identity import WantedClient, WantedRealm, WantedScope

_MIN_SECRET = 16
_MAIL_MARK = "diychallenge.mail-password"
"""A realm's attribute: tells which password was set, as Keycloak reads it back as asterisks."""


def converge_identity(
    server: KeycloakRealm, wanted: WantedRealm, secrets: Mapping[str, str], report: Report
) -> None:
    """Make the realm what it should be.

    Args:
        server: The realm, with a login that may change it (or make it).
        wanted: As it should be.
        secrets: Name to value, of every secret that the wanted names.
        report: Told of each change, once it holds.

    Raises:
        InputError: A secret is missing, or too short.
        ToolError: A change does not hold, or Keycloak refuses it or cannot be reached.
    """
    _demand_secrets(wanted, secrets)
    _converge_realm(server, wanted, secrets, report)
    _set("user profile", wanted.profile, server.profile, server.replace_profile, report)
    for alias, fields in wanted.required_actions.items():
        _converge_action(server, alias, fields, report)
    for key, text in wanted.texts.items():
        _converge_text(server, key, text, report)
    for scope in wanted.scopes:
        _converge_scope(server, scope, report)
    for client in wanted.clients:
        _converge_client(server, client, secrets[client.secret], report)
    for path in wanted.groups:
        _converge_group(server, path, report)
    _converge_default_groups(server, wanted.default_groups, report)


def _converge_realm(
    server: KeycloakRealm, wanted: WantedRealm, secrets: Mapping[str, str], report: Report
) -> None:
    thing = f"realm {wanted.name}"
    fields = dict(wanted.fields)
    writes: Json = {}
    if wanted.mail is not None:
        fields["smtpServer"] = dict(wanted.mail)
        if wanted.mail_secret is not None:
            password = secrets[wanted.mail_secret]
            mark = _mark(password, secrets)
            fields["attributes"] = {**fields["attributes"], _MAIL_MARK: mark}
            writes = {"smtpServer": {"password": password}}
    ensure(
        thing, "made",
        holds=lambda: server.realm() is not None,
        make=lambda: server.make_realm(merged(fields, writes)),
        report=report,
    )  # fmt: skip
    _set(thing, fields, server.realm, lambda whole: server.replace_realm(merged(whole, writes)),
         report)  # fmt: skip


def _mark(password: str, secrets: Mapping[str, str]) -> str:
    """Return what only somebody who has the deployment's secrets can tell a password by."""
    key = secrets["identity-provisioning-secret"].encode()
    return hmac.new(key, password.encode(), hashlib.sha256).hexdigest()


def _converge_action(
    server: KeycloakRealm, alias: str, fields: Mapping[str, Any], report: Report
) -> None:
    _set(
        f"required action {alias}", fields,
        lambda: server.required_action(alias),
        lambda whole: server.replace_required_action(alias, whole),
        report,
    )  # fmt: skip


def _converge_text(server: KeycloakRealm, key: str, text: str, report: Report) -> None:
    ensure(
        f"text {key}", "set",
        holds=lambda: server.text(key) == text,
        make=lambda: server.set_text(key, text),
        report=report,
    )  # fmt: skip


def _converge_scope(server: KeycloakRealm, scope: WantedScope, report: Report) -> None:
    name, thing = scope.name, f"client scope {scope.name}"
    ensure(
        thing, "made",
        holds=lambda: server.scope(name) is not None,
        make=lambda: server.make_scope(name, scope.fields),
        report=report,
    )  # fmt: skip
    _set(thing, scope.fields, lambda: server.scope(name), server.replace_scope, report)
    scope_id = str(_there(thing, server.scope(name))["id"])
    names = {str(one["name"]) for one in scope.mappers}
    for other in sorted(_mappers(server, name).keys() - names):
        _take_mapper(server, scope, other, report)
    for mapper in scope.mappers:
        _converge_mapper(server, name, scope_id, mapper, report)


def _take_mapper(server: KeycloakRealm, scope: WantedScope, mapper: str, report: Report) -> None:
    def take() -> None:
        found = _there(f"client scope {scope.name}", server.scope(scope.name))
        server.remove_mapper(found["id"], _mappers(server, scope.name)[mapper]["id"])

    ensure(
        f"client scope {scope.name}", f"mapper {mapper} taken out",
        holds=lambda: mapper not in _mappers(server, scope.name), make=take, report=report,
    )  # fmt: skip


def _converge_mapper(
    server: KeycloakRealm, scope: str, scope_id: str, fields: Mapping[str, Any], report: Report
) -> None:
    name = str(fields["name"])
    thing = f"client scope {scope}"
    ensure(
        thing, f"mapper {name} made",
        holds=lambda: name in _mappers(server, scope),
        make=lambda: server.make_mapper(scope_id, fields),
        report=report,
    )  # fmt: skip
    _set(
        f"{thing}, mapper {name}", fields,
        lambda: _mappers(server, scope).get(name),
        lambda whole: server.replace_mapper(scope_id, whole),
        report,
    )  # fmt: skip


def _mappers(server: KeycloakRealm, scope: str) -> dict[str, Json]:
    found = server.scope(scope) or {}
    return {one["name"]: one for one in found.get("protocolMappers", ())}


def _converge_client(
    server: KeycloakRealm, client: WantedClient, secret: str, report: Report
) -> None:
    name, thing = client.name, f"client {client.name}"
    fields = {**client.fields, "secret": secret}
    first = {**fields, "defaultClientScopes": list(client.scopes), "optionalClientScopes": []}
    ensure(
        thing, "made",
        holds=lambda: server.client(name) is not None,
        make=lambda: server.make_client(name, first),
        report=report,
    )  # fmt: skip
    _set(thing, fields, lambda: server.client(name), server.replace_client, report)
    client_id = str(_there(thing, server.client(name))["id"])
    kinds: dict[ScopeKind, tuple[str, ...]] = {"default": client.scopes, "optional": ()}
    for kind, wanted in kinds.items():
        for other in sorted(server.scopes_of(client_id, kind).keys() - set(wanted)):
            _take_scope(server, client_id, other, thing, kind=kind, report=report)
    for scope in client.scopes:
        _give_scope(server, client, client_id, scope, report)
    if missing := sorted(set(client.rights) - _rights(server, client, client_id)):
        ensure(
            thing, f"given rights {', '.join(missing)}",
            holds=lambda: set(missing) <= _rights(server, client, client_id),
            make=lambda: server.give_rights(client_id, missing),
            report=report,
        )  # fmt: skip


def _rights(server: KeycloakRealm, client: WantedClient, client_id: str) -> frozenset[str]:
    return server.rights_of(client_id) if client.rights else frozenset()


def _take_scope(
    server: KeycloakRealm, client_id: str, scope: str, thing: str, *, kind: ScopeKind,
    report: Report,
) -> None:  # fmt: skip
    ensure(
        thing, f"scope {scope} taken away",
        holds=lambda: scope not in server.scopes_of(client_id, kind),
        make=lambda: server.take_scope(client_id, server.scopes_of(client_id, kind)[scope], kind),
        report=report,
    )  # fmt: skip


def _give_scope(
    server: KeycloakRealm, client: WantedClient, client_id: str, scope: str, report: Report
) -> None:
    thing = f"client scope {scope}"
    ensure(
        f"client {client.name}", f"given scope {scope}",
        holds=lambda: scope in server.scopes_of(client_id, "default"),
        make=lambda: server.give_scope(client_id, str(_there(thing, server.scope(scope))["id"])),
        report=report,
    )  # fmt: skip


def _converge_group(server: KeycloakRealm, path: str, report: Report) -> None:
    ensure(
        f"group {path}", "made",
        holds=lambda: server.group(path) is not None,
        make=lambda: server.make_group(path.removeprefix("/")),
        report=report,
    )  # fmt: skip


def _converge_default_groups(
    server: KeycloakRealm, wanted: tuple[str, ...], report: Report
) -> None:
    for path in sorted(server.default_groups().keys() - set(wanted)):
        _set_default(server, path, report, is_default=False)
    for path in wanted:
        _set_default(server, path, report, is_default=True)


def _set_default(server: KeycloakRealm, path: str, report: Report, *, is_default: bool) -> None:
    def change() -> None:
        group = server.group(path)
        if group is not None:
            server.set_default_group(group, is_default=is_default)

    ensure(
        f"group {path}",
        "given to whoever registers" if is_default else "no longer given to whoever registers",
        holds=lambda: (path in server.default_groups()) == is_default,
        make=change,
        report=report,
    )  # fmt: skip


def _set(
    thing: str, wanted: Mapping[str, Any], read: Callable[[], Json | None],
    replace: Callable[[Json], None], report: Report,
) -> None:  # fmt: skip
    """Make a document say what is wanted of it, and report which fields did not."""
    found = _there(thing, read())
    fields = differing(found, wanted)
    if not fields:
        return
    replace(merged(found, wanted))
    if not covers(after := _there(thing, read()), wanted):
        raise ToolError(
            f"{thing}: {', '.join(differing(after, wanted))} could not be set: Keycloak said yes,"
            " and reads back as before",
            hint="look at the log of the service `identity`, then deploy again",
        )
    report(Change(thing, f"{', '.join(fields)} set"))


def _there(thing: str, found: Json | None) -> Json:
    if found is None:
        raise ToolError(
            f"{thing}: is not there", hint="somebody else changed Keycloak just now: deploy again"
        )
    return found


def _demand_secrets(wanted: WantedRealm, secrets: Mapping[str, str]) -> None:
    for name in (*(client.secret for client in wanted.clients), "identity-provisioning-secret"):
        if len(secrets.get(name, "")) < _MIN_SECRET:
            raise InputError(
                f"secret {name}: has to be at least {_MIN_SECRET} characters long",
                hint="remove it from the secrets folder: the next deploy makes a new one",
            )
    if wanted.mail_secret is not None and not secrets.get(wanted.mail_secret):
        raise InputError(
            f"secret {wanted.mail_secret}: is missing or empty",
            hint="write the password of the mail server to this file of the secrets folder",
        )
