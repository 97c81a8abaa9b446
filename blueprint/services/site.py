"""Site: the static pages and the leaderboard, served by an nginx that only reads."""

from dataclasses import dataclass

from blueprint.config.model.server import Role
from blueprint.plan.server import Bind, Container, Health, Port, ServicePlan, Tmpfs, Volume
from blueprint.services.networks import EDGE
from blueprint.services.port import Setting

_UID = 101


@dataclass(frozen=True)
class _Site:
    name: str = "site"
    role: Role = "main"

    def plan(self, setting: Setting) -> ServicePlan:
        """Return the server of the folder that the watcher publishes into."""
        del setting
        server = Container(
            name="site",
            image="nginx",
            user=f"{_UID}:{_UID}",
            memory_mib=128,
            pids=32,
            cpus=0.5,
            health=Health(("curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8081/health")),
            networks=(EDGE.name,),
            tmpfs=(Tmpfs("/tmp", 32, uid=_UID), Tmpfs("/var/cache/nginx", 32, uid=_UID)),  # noqa: S108
        )
        return ServicePlan(
            name=self.name,
            title="the pages and the leaderboard (nginx)",
            containers=(server,),
            networks=(EDGE,),
            volumes=(
                Volume("site", "site", "/srv/site", "the site as it was last published", "cache",
                       uid=10001, mode="0755", is_read_only=True),
            ),
            binds=(Bind("nginx", "site", "/etc/diychallenge/nginx"),),
            ports=(Port("site", 8080, "HTTP behind the proxy"),),
            on_change="reload",
        )  # fmt: skip


SITE = _Site()
