"""Puts what the services contribute together into the plan of all hosts."""

from collections.abc import Sequence

from blueprint.config.model import Challenge, Server
from blueprint.config.model.server import public_names
from blueprint.errors import InputError
from blueprint.plan.plan import document_of
from blueprint.plan.server import HostPlan, Image, Names, ServerPlan
from blueprint.services.port import Setting
from blueprint.services.registry import SERVICES


def plan_server(challenge: Challenge, images: Sequence[Image], *, software: str) -> ServerPlan:
    """Return what the challenge comes to on its servers.

    Args:
        challenge: With `target: server`.
        images: The image lock.
        software: The version of diychallenge.

    Raises:
        InputError: The challenge has another target.
    """
    server = challenge.server
    if challenge.target != "server" or server is None:
        raise InputError(
            f"challenge.yaml: target: '{challenge.target}' has no hosts to plan for",
            hint="write `target: server` and the section `server`",
        )
    names = names_of(server)
    hosts = tuple(_host_plan(challenge, server, names, name) for name in server.hosts)
    return ServerPlan(software, document_of(challenge), names, _locked(hosts, images), hosts)


def names_of(server: Server) -> Names:
    """Return the names of the platform: the domain itself, and one below it for each door."""
    return Names(*public_names(server.domain), runner=f"runner.{server.domain}")


def _host_plan(challenge: Challenge, server: Server, names: Names, name: str) -> HostPlan:
    host = server.hosts[name]
    setting = Setting(challenge, server, names, name, host)
    planned = (one.plan(setting) for one in SERVICES if one.role in host.roles)
    services = tuple(one for one in planned if one is not None)
    return HostPlan(name, host.address, host.user, host.roles, host.gpus, services)


def _locked(hosts: Sequence[HostPlan], images: Sequence[Image]) -> tuple[Image, ...]:
    """Return the images that are used, and those that they are built on."""
    known = {image.name: image for image in images}
    used = {one.image for host in hosts for service in host.services for one in service.containers}
    used |= {base for name in used if name in known and (base := known[name].base)}
    if absent := sorted(used - known.keys()):
        raise InputError(f"the image lock has no {', '.join(absent)}")
    return tuple(image for image in images if image.name in used)
