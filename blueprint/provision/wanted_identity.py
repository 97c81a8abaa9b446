"""What the plan says of accounts, log-in and groups, as provisioning wants it in Keycloak."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blueprint.plan.server import ServerPlan

REALM = "challenge"
"""Each deployment has a Keycloak of its own: one realm, of the same name everywhere."""
PORTAL = "portal"
GIT = "git"
GIT_SOURCE = "keycloak"
"""What Gitea calls this way to log in; the name is part of its return address."""
_DAYS_S = 86_400
_EVENTS_S = 180 * _DAYS_S
_MAX_SSH_KEY = 2000
_SSH_KEY = (
    "^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh.com|ssh-rsa)"
    " [A-Za-z0-9+/=]+( .{0,100})?$"
)
_ADMIN_RIGHTS = (
    "manage-clients", "manage-realm", "manage-users",
    "query-groups", "query-users", "view-events", "view-users",
)  # fmt: skip
_PERSON_SCOPES = ("acr", "basic", "email", "groups", "profile")


@dataclass(frozen=True)
class WantedScope:
    """A client scope and its mappers; others in it are taken out."""

    name: str
    fields: Mapping[str, Any]
    mappers: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class WantedClient:
    """A program that logs people in, or itself."""

    name: str
    secret: str
    """The name of the secret in the secrets folder."""
    fields: Mapping[str, Any]
    scopes: tuple[str, ...]
    """What every token of it says; there are no optional ones."""
    rights: tuple[str, ...] = ()
    """What it may do itself, in this realm (roles of `realm-management`)."""


@dataclass(frozen=True)
class WantedRealm:
    """A realm as it should be."""

    name: str
    fields: Mapping[str, Any]
    mail: Mapping[str, str] | None
    """`smtpServer`; None: it sends no mail. The password comes from the secrets."""
    mail_secret: str | None
    profile: Mapping[str, Any]
    required_actions: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, str]
    """English texts of its pages, by key."""
    scopes: tuple[WantedScope, ...]
    clients: tuple[WantedClient, ...]
    groups: tuple[str, ...] = field(default=())
    """Paths, each group after the one that it is in."""
    default_groups: tuple[str, ...] = ()
    """Those, and no others, are given to whoever registers."""


def wanted_realm(plan: ServerPlan) -> WantedRealm:
    """Return the realm that the service `identity` of a plan asks for."""
    title = str(plan.challenge["challenge"]["title"])
    accounts = plan.main.service("identity").accounts
    groups = tuple(_path(one.name) for one in accounts if one.kind == "group")
    mail = plan.challenge["server"].get("mail")
    return WantedRealm(
        name=REALM,
        fields=_realm_fields(title, sends_mail=mail is not None),
        mail=None if mail is None else _smtp(mail, title),
        mail_secret="mail-password" if mail and mail.get("username") else None,
        profile=_profile(),
        required_actions={"TERMS_AND_CONDITIONS": {"enabled": True, "defaultAction": True}},
        texts={"termsText": _terms(plan.names.site)},
        scopes=(_groups_scope(), _ssh_keys_scope()),
        clients=tuple(_client(plan, one.name) for one in accounts if one.kind == "client"),
        groups=groups,
        default_groups=("/pending",),
    )


def issuer_of(plan: ServerPlan) -> str:
    """Return the address that tokens name, where a client finds all others."""
    return f"https://{plan.names.auth}/realms/{REALM}"


def return_url_of(plan: ServerPlan, client: str) -> str:
    """Return the one address that people come back to after logging in to a client.

    Raises:
        KeyError: Nobody logs in to it.
    """
    return {
        PORTAL: f"https://{plan.names.site}/portal/login/callback",
        GIT: f"https://{plan.names.git}/user/oauth2/{GIT_SOURCE}/callback",
    }[client]


def _path(name: str) -> str:
    """Return the path of a group; of `/teams/<team>` the one that all teams lie in."""
    return name.partition("/<")[0]


def _realm_fields(title: str, *, sends_mail: bool) -> dict[str, Any]:
    return {
        "enabled": True,
        "displayName": title,
        "displayNameHtml": html.escape(title),
        "sslRequired": "external",
        "registrationAllowed": True,
        "registrationEmailAsUsername": False,
        "verifyEmail": sends_mail,
        "resetPasswordAllowed": sends_mail,
        "loginWithEmailAllowed": True,
        "duplicateEmailsAllowed": False,
        "editUsernameAllowed": False,
        "rememberMe": False,
        "organizationsEnabled": False,
        "bruteForceProtected": True,
        "permanentLockout": False,
        "bruteForceStrategy": "MULTIPLE",
        "failureFactor": 10,
        "waitIncrementSeconds": 60,
        "maxFailureWaitSeconds": 900,
        "passwordPolicy": "length(12) and notUsername and notEmail",
        "eventsEnabled": True,
        "eventsExpiration": _EVENTS_S,  # without it the table grows for ever
        "adminEventsEnabled": True,
        "adminEventsDetailsEnabled": False,
        "attributes": {"adminEventsExpiration": str(_EVENTS_S)},
    }


def _smtp(mail: Mapping[str, Any], title: str) -> dict[str, str]:
    security, username = mail["security"], mail.get("username")
    smtp = {
        "host": str(mail["host"]),
        "port": str(mail["port"]),
        "from": str(mail["from"]),
        "fromDisplayName": title,
        "starttls": _word(security == "starttls"),
        "ssl": _word(security == "tls"),
        "auth": _word(username is not None),
    }
    return smtp if username is None else {**smtp, "user": str(username)}


def _word(value: bool) -> str:
    return "true" if value else "false"


def _terms(site: str) -> str:
    """Return what a person agrees to; no free text, as Keycloak reads it as a pattern."""
    return (
        f'I keep to the rules of this challenge, published at <a href="https://{site}/">{site}</a>,'
        " and agree that the organizers keep my name, my mail address and what I submit for as"
        " long as the challenge needs them."
    )


def _profile() -> dict[str, Any]:
    """Return our attributes. A write of one that is not declared says 204 and stores nothing."""
    admin_only = {"view": ["admin"], "edit": ["admin"]}
    decided = ("status", "version", "sha256")
    return {
        "unmanagedAttributePolicy": None,
        "attributes": [
            {
                "name": "ssh_public_keys",
                "displayName": "SSH public keys",
                "multivalued": True,
                "permissions": {"view": ["admin", "user"], "edit": ["admin"]},
                "validations": {
                    "length": {"max": _MAX_SSH_KEY},
                    "pattern": {"pattern": _SSH_KEY, "error-message": "not an SSH public key"},
                },
            },
            *(
                {"name": name, "multivalued": False, "permissions": admin_only}
                for name in (*(f"agreement_{one}" for one in decided), "approved_by", "approved_at")
            ),
        ],
    }


def _groups_scope() -> WantedScope:
    return WantedScope("groups", _scope_fields("the groups of a person"), (
        {
            "name": "groups",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-group-membership-mapper",
            "config": {"claim.name": "groups", "full.path": "true", **_IN_EVERY_TOKEN},
        },
    ))  # fmt: skip


def _ssh_keys_scope() -> WantedScope:
    return WantedScope("ssh_public_keys", _scope_fields("the SSH keys of a person"), (
        {
            "name": "ssh_public_keys",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-usermodel-attribute-mapper",
            "config": {
                "user.attribute": "ssh_public_keys", "claim.name": "ssh_public_keys",
                "jsonType.label": "String", "multivalued": "true", **_IN_EVERY_TOKEN,
            },
        },
    ))  # fmt: skip


_IN_EVERY_TOKEN = {
    "id.token.claim": "true",
    "access.token.claim": "true",
    "userinfo.token.claim": "true",
}


def _scope_fields(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "protocol": "openid-connect",
        "attributes": {"include.in.token.scope": "true", "display.on.consent.screen": "false"},
    }


def _client(plan: ServerPlan, name: str) -> WantedClient:
    if name == PORTAL:
        fields = _for_people(f"https://{plan.names.site}/", return_url_of(plan, name))
        fields["attributes"]["pkce.code.challenge.method"] = "S256"
        return WantedClient(name, "identity-portal-secret", fields, _PERSON_SCOPES)
    if name == GIT:  # Gitea sends no proof key
        fields = _for_people(f"https://{plan.names.git}/", return_url_of(plan, name))
        return WantedClient(
            name, "identity-git-secret", fields, (*_PERSON_SCOPES, "ssh_public_keys")
        )
    fields = {**_CONFIDENTIAL, "serviceAccountsEnabled": True, "fullScopeAllowed": True}
    scopes = ("acr", "basic", "roles", "service_account")  # Keycloak adds the last by itself
    return WantedClient(name, "identity-provisioning-secret", fields, scopes, _ADMIN_RIGHTS)


_CONFIDENTIAL = {
    "enabled": True,
    "protocol": "openid-connect",
    "publicClient": False,
    "bearerOnly": False,
    "consentRequired": False,
    "clientAuthenticatorType": "client-secret",
    "standardFlowEnabled": False,
    "implicitFlowEnabled": False,
    "directAccessGrantsEnabled": False,
    "serviceAccountsEnabled": False,
    "fullScopeAllowed": False,
    "frontchannelLogout": False,
    "redirectUris": [],
    "webOrigins": [],
}


def _for_people(home: str, return_url: str) -> dict[str, Any]:
    return {
        **_CONFIDENTIAL,
        "standardFlowEnabled": True,
        "baseUrl": home,
        "redirectUris": [return_url],
        "attributes": {"post.logout.redirect.uris": home},
    }
