"""Identity: Keycloak with a PostgreSQL of its own; who people are, and which groups they are in."""

from dataclasses import dataclass

from blueprint.config.model.server import Role
from blueprint.plan.server import (
    Account,
    Container,
    Health,
    Network,
    Port,
    Secret,
    SecretUse,
    ServicePlan,
    Tmpfs,
    Volume,
)
from blueprint.services.databases import postgres
from blueprint.services.networks import EDGE, OUTBOUND
from blueprint.services.port import Setting

_UID = 1000
_DATABASE = Network("identity-db", "Keycloak and its database", is_internal=True)
_READY = (
    "exec 3<>/dev/tcp/127.0.0.1/9000;"
    " printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3;"
    ' grep -q \'"status": "UP"\' <&3'
)
"""The image has no curl; port 9000 is never proxied."""


@dataclass(frozen=True)
class _Identity:
    name: str = "identity"
    role: Role = "main"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return Keycloak, its database, and the groups that say who may what."""
        challenge = setting.challenge.challenge.id
        keycloak = Container(
            name="keycloak",
            image="identity",
            user=f"{_UID}:0",
            memory_mib=1024,
            pids=512,
            cpus=2.0,
            health=Health(("bash", "-c", _READY), start_period_s=180),
            networks=(EDGE.name, OUTBOUND.name, _DATABASE.name),
            tmpfs=(Tmpfs("/tmp", 128, uid=_UID), Tmpfs("/opt/keycloak/data/tmp", 128, uid=_UID)),  # noqa: S108
            after=("identity-db",),
        )
        return ServicePlan(
            name=self.name,
            title="accounts, log-in and groups (Keycloak, PostgreSQL)",
            containers=(postgres("identity-db", _DATABASE.name), keycloak),
            networks=(EDGE, OUTBOUND, _DATABASE),
            volumes=(
                Volume("identity-db", "identity-db", "/var/lib/postgresql/data",
                       "accounts, groups and sessions", "data", uid=999),
            ),
            ports=(
                Port("keycloak", 8080, "HTTP behind the proxy"),
                Port("keycloak", 9000, "health"),
            ),
            secrets=_secrets(setting),
            secret_uses=(
                SecretUse("identity-db-password", "identity-db", "/run/secrets/password", 999),
                SecretUse("keycloak.conf", "keycloak", "/opt/keycloak/conf/keycloak.conf", _UID),
            ),
            accounts=(
                Account("group", "/pending", "who registered and is not approved yet"),
                Account("group", "/participants", "who was approved"),
                Account("group", "/organizers", "who runs the challenge"),
                Account("group", "/data-providers", "who brings data"),
                Account("group", "/teams/<team>", "the members of a team"),
                Account("client", f"diychallenge-{challenge}", "provisioning, in the realm alone"),
                Account("client", "portal", "logging in to the portal"),
                Account("client", "git", "logging in to the repositories"),
            ),
        )  # fmt: skip


def _secrets(setting: Setting) -> tuple[Secret, ...]:
    made = (
        Secret("identity-db-password", "password", "Keycloak to its database"),
        Secret("identity-bootstrap-secret", "password",
               "the client that exists until provisioning has its own"),
        Secret("identity-provisioning-secret", "password", "provisioning to Keycloak"),
        Secret("identity-portal-secret", "password", "the portal to Keycloak"),
        Secret("identity-git-secret", "password", "Gitea to Keycloak"),
        Secret("keycloak.conf", "composed", "what Keycloak reads at its start", parts=(
            ("db-password", "identity-db-password"),
            ("bootstrap-admin-client-secret", "identity-bootstrap-secret"),
        )),
    )  # fmt: skip
    if setting.server.mail.username is None:
        return made
    return (*made, Secret("mail-password", "given", "the platform to the mail server"))


IDENTITY = _Identity()
