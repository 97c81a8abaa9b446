"""What a service is to the plan: a name, where it runs, and what it contributes."""

from dataclasses import dataclass
from typing import Protocol

from blueprint.config.model import Challenge, Server
from blueprint.config.model.server import Host, Role
from blueprint.plan.server import Names, ServicePlan


@dataclass(frozen=True)
class Setting:
    """Where a service is planned: the challenge, the names, and the host it would run on."""

    challenge: Challenge
    server: Server
    names: Names
    host_name: str
    host: Host

    @property
    def data(self) -> str:
        """The folder on the host in which the volumes lie."""
        return f"/var/lib/diychallenge/{self.challenge.challenge.id}"

    @property
    def main_address(self) -> str:
        """The address of the host that people reach."""
        return self.server.hosts[self.server.hosts_with("main")[0]].address

    @property
    def runner_names(self) -> tuple[str, ...]:
        """The hosts that evaluate."""
        return self.server.hosts_with("runner")


class Service(Protocol):
    """One service; its module holds one instance and the registry names it."""

    @property
    def name(self) -> str:
        """One word: its role, its stack, its templates and its folder have that name."""

    @property
    def role(self) -> Role:
        """On which hosts it runs."""

    def plan(self, setting: Setting) -> ServicePlan | None:
        """Return what it contributes on one host, None where the challenge needs it not."""
