"""Runner: an evaluation host; it alone holds ground truth, asks for work, and opens nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from blueprint.config.model.server import Role
from blueprint.plan.server import (
    Bind,
    Container,
    Health,
    Network,
    Secret,
    SecretUse,
    ServicePlan,
    Tmpfs,
    Transfer,
    Volume,
)
from blueprint.services.platform_image import CHECK_ALIVE
from blueprint.services.port import Setting

_NETWORK = Network("runner", "the way to the platform's runner API", is_internal=False)


@dataclass(frozen=True)
class _Runner:
    name: str = "runner"
    role: Role = "runner"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return the worker, its store of cases, and its certificate."""
        store = f"{setting.data}/runner"
        worker = Container(
            name="worker",
            image="diychallenge",
            user="0:0",
            memory_mib=2048,
            pids=512,
            cpus=2.0,
            health=Health(CHECK_ALIVE),
            networks=(_NETWORK.name,),
            # Work folders of other users are made and removed, and outputs bounded by mounts.
            caps=("CHOWN", "DAC_OVERRIDE", "FOWNER", "SYS_ADMIN"),
            tmpfs=(Tmpfs("/tmp", 256),),  # noqa: S108
            stop_grace_s=60,
        )
        certificate = f"runner-{setting.host_name}"
        return ServicePlan(
            name=self.name,
            title="evaluates submissions in containers (Docker)",
            containers=(worker,),
            networks=(_NETWORK,),
            volumes=(
                # The engine is told paths of the host: they are the same inside.
                Volume("runner", "worker", store, "cases with ground truth, kept predictions",
                       "data", uid=0),
            ),
            binds=(
                Bind("/var/run/docker.sock", "worker", "/var/run/docker.sock",
                     is_read_only=False),
            ),
            secrets=(
                Secret(certificate, "certificate", "this host to the platform, and its key"),
            ),
            secret_uses=(SecretUse(certificate, "worker", f"/run/secrets/{certificate}", 0),),
            transfers=tuple(_cases(setting, store)),
        )  # fmt: skip


def _cases(setting: Setting, store: str) -> Iterator[Transfer]:
    for task in setting.challenge.tasks:
        for split, folder in (("public", task.cases.public), ("private", task.cases.private)):
            if folder is not None:
                destination = f"{store}/cases/{task.id}/{split}"
                what = f"{split} cases of task {task.id}"
                yield Transfer(str(folder), destination, what, is_ground_truth=True)


RUNNER = _Runner()
