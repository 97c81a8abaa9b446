"""Watcher: finds pushed submissions whatever hint was lost, keeps leases, publishes the site."""

from dataclasses import dataclass

from blueprint.config.model.server import ExternalStore, Role
from blueprint.plan.server import (
    Bind,
    Container,
    Health,
    Network,
    SecretUse,
    ServicePlan,
    Tmpfs,
    Volume,
)
from blueprint.services.networks import EDGE, OUTBOUND, STORE, TRUST, TRUST_MOUNT
from blueprint.services.platform_image import CHECK_ALIVE, PLATFORM_UID
from blueprint.services.port import Setting

_LEDGER = Network("ledger", "the platform and its database", is_internal=True, is_shared=True)


@dataclass(frozen=True)
class _Watcher:
    name: str = "watcher"
    role: Role = "main"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return the process that polls and publishes."""
        watcher = Container(
            name="watcher",
            image="diychallenge",
            user=f"{PLATFORM_UID}:{PLATFORM_UID}",
            memory_mib=1024,
            pids=256,
            cpus=2.0,
            health=Health(CHECK_ALIVE),
            networks=(EDGE.name, STORE.name, OUTBOUND.name, _LEDGER.name),
            tmpfs=(Tmpfs("/tmp", 256, uid=PLATFORM_UID),),  # noqa: S108
        )
        return ServicePlan(
            name=self.name,
            title="finds submissions, applies changes of access, publishes the site",
            containers=(watcher,),
            networks=(EDGE, STORE, OUTBOUND, _LEDGER),
            volumes=(
                Volume("platform", "watcher", "/var/lib/diychallenge",
                       "keys that sign receipts, kept copies of the database", "data",
                       uid=PLATFORM_UID),
                Volume("site", "watcher", "/srv/site", "the site as it was last published",
                       "cache", uid=PLATFORM_UID, mode="0755"),
                Volume("sftp-accounts", "watcher", "/srv/sftp-accounts",
                       "who may log in, with which keys", "cache", uid=PLATFORM_UID, mode="0755"),
                Volume("sftp-log", "watcher", "/srv/sftp-log", "who read which file", "data",
                       uid=0, mode="0755", is_read_only=True),
            ),
            binds=(
                Bind("project", "watcher", "/srv/challenge"),
                Bind(TRUST, "watcher", TRUST_MOUNT),
            ),
            secret_uses=_uses(setting),
        )  # fmt: skip


def _uses(setting: Setting) -> tuple[SecretUse, ...]:
    is_external = isinstance(setting.server.object_store, ExternalStore)
    store = ("objects-access-key", "objects-secret-key") if is_external else (
        "objects-watcher-secret",)  # fmt: skip
    names = (
        "ledger-db-password", "identity-provisioning-secret", "git-bot-token",
        "git-webhook-secret", *store,
    )  # fmt: skip
    if setting.server.mail.username is not None:
        names = (*names, "mail-password")
    return tuple(SecretUse(one, "watcher", f"/run/secrets/{one}", PLATFORM_UID) for one in names)


WATCHER = _Watcher()
