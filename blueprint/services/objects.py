"""Objects: an S3 store for agreements, kept results and the site's builds; or an external one."""

from dataclasses import dataclass

from blueprint.config.model.server import ExternalStore, Role
from blueprint.plan.server import (
    Account,
    Bucket,
    Container,
    Health,
    Port,
    Secret,
    SecretUse,
    ServicePlan,
    Tmpfs,
    Volume,
)
from blueprint.services.networks import STORE
from blueprint.services.port import Setting

_UID = 1000


@dataclass(frozen=True)
class _Objects:
    name: str = "objects"
    role: Role = "main"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return the buckets and who uses them, with a server where it is bundled."""
        challenge = setting.challenge.challenge.id
        buckets = (
            Bucket(f"{challenge}-agreements", "signed agreements", is_locked=True),
            Bucket(f"{challenge}-predictions", "kept predictions"),
            # A log grows, and is written again each minute: versions of it are worth nothing.
            Bucket(f"{challenge}-logs", "logs of submissions", is_versioned=False),
            Bucket(f"{challenge}-site", "the site's builds"),
            Bucket(f"{challenge}-backups", "backups"),
        )
        if isinstance(setting.server.object_store, ExternalStore):
            return ServicePlan(
                name=self.name,
                title=f"files in the object store at {setting.server.object_store.endpoint}",
                buckets=buckets,
                secrets=(
                    Secret("objects-access-key", "given", "access key at the object store"),
                    Secret("objects-secret-key", "given", "secret key at the object store"),
                ),
            )
        return ServicePlan(
            name=self.name,
            title="files that services keep (S3)",
            containers=(_silo(),),
            networks=(STORE,),
            volumes=(
                Volume("objects", "silo", "/data",
                       "agreements, kept predictions, logs, builds of the site", "data", uid=_UID),
            ),
            ports=(Port("silo", 9000, "S3 for the services"),),
            secrets=(
                Secret("objects-root-password", "password", "provisioning to the object store"),
                Secret("objects-portal-secret", "password", "the portal to its buckets"),
                Secret("objects-watcher-secret", "password", "the watcher to its buckets"),
            ),
            secret_uses=(
                SecretUse("objects-root-password", "silo", "/run/secrets/root-password", _UID),
            ),
            accounts=(
                Account("store-user", "portal",
                        "agreements, predictions and logs: put and get, never delete"),
                Account("store-user", "watcher", "the site's builds"),
            ),
            buckets=buckets,
        )  # fmt: skip


def _silo() -> Container:
    return Container(
        name="silo",
        image="silo",
        user=f"{_UID}:{_UID}",
        memory_mib=1024,
        pids=256,
        cpus=2.0,
        health=Health(
            ("curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:9000/minio/health/live")
        ),
        networks=(STORE.name,),
        tmpfs=(Tmpfs("/tmp", 64, uid=_UID),),  # noqa: S108
    )


OBJECTS = _Objects()
