"""Portal: what people log in to, the hook's and the evaluation hosts' questions, and the ledger."""

from dataclasses import dataclass

from blueprint.config.model.server import ExternalStore, Role
from blueprint.plan.server import (
    Bind,
    Container,
    Health,
    Network,
    Port,
    Secret,
    SecretUse,
    ServicePlan,
    Tmpfs,
    Transfer,
    Volume,
)
from blueprint.services.databases import postgres
from blueprint.services.networks import EDGE, OUTBOUND, STORE, TRUST, TRUST_MOUNT
from blueprint.services.platform_image import CHECK_HTTP, PLATFORM_UID
from blueprint.services.port import Setting

LEDGER = Network("ledger", "the platform and its database", is_internal=True, is_shared=True)
RUNNER_PORT = 8444


@dataclass(frozen=True)
class _Portal:
    name: str = "portal"
    role: Role = "main"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return the portal, the ledger's database, and the releases that it gives out."""
        return ServicePlan(
            name=self.name,
            title="registration, agreements, submissions and the ledger (PostgreSQL)",
            containers=(postgres("ledger-db", LEDGER.name), _portal()),
            networks=(EDGE, STORE, OUTBOUND, LEDGER),
            volumes=(
                Volume("ledger-db", "ledger-db", "/var/lib/postgresql/data",
                       "people, submissions, results and the audit log", "data", uid=999),
                Volume("platform", "portal", "/var/lib/diychallenge",
                       "keys that sign receipts, kept copies of the database", "data",
                       uid=PLATFORM_UID),
                Volume("releases", "portal", "/srv/releases", "the data that is given out",
                       "cache", uid=PLATFORM_UID, mode="0755", is_read_only=True),
            ),
            binds=(
                Bind("project", "portal", "/srv/challenge"),
                Bind(TRUST, "portal", TRUST_MOUNT),
            ),
            ports=(
                Port("portal", 8080, "HTTP behind the proxy"),
                Port("portal", RUNNER_PORT, "evaluation hosts, by certificate on both sides"),
            ),
            secrets=(
                Secret("ledger-db-password", "password", "the platform to its database"),
                Secret("runner-authority", "authority", "signs what evaluation hosts show"),
                Secret("runner-api", "certificate", "shown to evaluation hosts"),
            ),
            secret_uses=(
                SecretUse("ledger-db-password", "ledger-db", "/run/secrets/password", 999),
                *_uses(setting),
            ),
            transfers=tuple(
                Transfer(str(release.path), f"{setting.data}/releases/{release.id}",
                         f"release {release.id}")
                for release in setting.challenge.data.releases
            ),
        )  # fmt: skip


def _portal() -> Container:
    return Container(
        name="portal",
        image="diychallenge",
        user=f"{PLATFORM_UID}:{PLATFORM_UID}",
        memory_mib=512,
        pids=256,
        cpus=2.0,
        health=Health(CHECK_HTTP),
        networks=(EDGE.name, STORE.name, OUTBOUND.name, LEDGER.name),
        tmpfs=(Tmpfs("/tmp", 256, uid=PLATFORM_UID),),  # noqa: S108
        after=("ledger-db",),
    )


def _uses(setting: Setting) -> tuple[SecretUse, ...]:
    is_external = isinstance(setting.server.object_store, ExternalStore)
    store = ("objects-access-key", "objects-secret-key") if is_external else (
        "objects-portal-secret",)  # fmt: skip
    names = (
        "ledger-db-password", "identity-portal-secret", "git-hook-token", "git-bot-token",
        "git-webhook-secret", "runner-api", *store,
    )  # fmt: skip
    if setting.server.mail.username is not None:
        names = (*names, "mail-password")
    return tuple(SecretUse(one, "portal", f"/run/secrets/{one}", PLATFORM_UID) for one in names)


PORTAL = _Portal()
