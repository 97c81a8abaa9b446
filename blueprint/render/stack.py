"""What bounds a container, in the words of a Compose file: one place, so that none is forgotten."""

from collections.abc import Iterator, Mapping
from typing import Any

from blueprint.plan.server import Container, HostPlan, Port, SecretUse, ServerPlan, ServicePlan
from blueprint.render import quoting

_LOG = {"driver": "local", "options": {"max-size": "10m", "max-file": "3"}}


def project_name(plan: ServerPlan, service: ServicePlan) -> str:
    """Return the name of a service's Compose project."""
    return f"diychallenge-{plan.challenge_id}-{service.name}"


def secret_path(plan: ServerPlan, use: SecretUse) -> str:
    """Return where the host has the copy of a secret that one container reads."""
    return f"{plan.root}/secrets/{use.container}/{use.secret}"


def hardened(plan: ServerPlan, service: ServicePlan, container: Container) -> dict[str, Any]:
    """Return the keys of a container that a template has no say in.

    Its image by the lock, a read-only root, no capability but those named, limits, health, logs,
    networks, mounts and ports.
    """
    document: dict[str, Any] = {
        "image": plan.image(container.image).reference,
        "container_name": f"diychallenge-{plan.challenge_id}-{container.name}",
        "pull_policy": "never",
        "user": container.user,
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "pids_limit": container.pids,
        "mem_limit": f"{container.memory_mib}m",
        "memswap_limit": f"{container.memory_mib}m",
        "cpus": container.cpus,
        "restart": "unless-stopped",
        "stop_grace_period": f"{container.stop_grace_s}s",
        "logging": _LOG,
        "healthcheck": _health(container),
        "networks": {name: _network(container) for name in container.networks},
    }
    if container.caps:
        document["cap_add"] = list(container.caps)
    if container.init:
        document["init"] = True
    if container.tmpfs:
        document["tmpfs"] = [
            f"{one.mount}:rw,nosuid,nodev,size={one.size_mib}m,mode={one.mode},uid={one.uid}"
            for one in container.tmpfs
        ]
    if container.after:
        document["depends_on"] = {
            name: {"condition": "service_healthy"} for name in container.after
        }
    if mounts := list(_mounts(plan, service, container)):
        document["volumes"] = mounts
    if ports := [_port(one) for one in service.ports if _is_published(one, container)]:
        document["ports"] = ports
    return document


def networks(plan: ServerPlan, service: ServicePlan) -> dict[str, Any]:
    """Return the section `networks` of a service's Compose file."""
    found: dict[str, Any] = {}
    for one in service.networks:
        name = f"diychallenge-{plan.challenge_id}-{one.name}"
        own = {"internal": True} if one.is_internal else {}
        found[one.name] = {"name": name, "external": True} if one.is_shared else {
            "name": name, **own}  # fmt: skip
    return found


def as_yaml(value: Any, *, indent: int = 0) -> str:  # noqa: ANN401 (JSON values)
    """Return JSON values as the block of a Compose file, every scalar quoted."""
    return "\n".join(f"{' ' * indent}{line}" for line in _lines(value))


def shared_networks(plan: ServerPlan, host: HostPlan) -> list[dict[str, Any]]:
    """Return the networks that a host has before its services start."""
    return [
        {"name": f"diychallenge-{plan.challenge_id}-{one.name}", "internal": one.is_internal}
        for one in host.shared_networks
    ]


def _health(container: Container) -> dict[str, Any]:
    health = container.health
    return {
        "test": ["CMD", *health.command],
        "interval": f"{health.interval_s}s",
        "timeout": f"{health.timeout_s}s",
        "retries": health.retries,
        "start_period": f"{health.start_period_s}s",
    }


def _network(container: Container) -> dict[str, Any] | None:
    return {"aliases": list(container.aliases)} if container.aliases else None


def _mounts(
    plan: ServerPlan, service: ServicePlan, container: Container
) -> Iterator[dict[str, Any]]:
    for volume in service.volumes:
        if volume.container == container.name:
            yield _bind(f"{plan.data}/{volume.name}", volume.mount, volume.is_read_only)
    for bind in service.binds:
        if bind.container == container.name:
            source = bind.source if bind.source.startswith("/") else f"./{bind.source}"
            yield _bind(source, bind.mount, bind.is_read_only)
    for use in service.secret_uses:
        if use.container == container.name:
            yield _bind(secret_path(plan, use), use.file, is_read_only=True)


def _bind(source: str, target: str, is_read_only: bool) -> dict[str, Any]:
    return {
        "type": "bind",
        "source": source,
        "target": target,
        "read_only": is_read_only,
        # A path that is not there is a mistake, never an empty folder of root's.
        "bind": {"create_host_path": False},
    }


def _is_published(port: Port, container: Container) -> bool:
    return port.container == container.name and port.host_port is not None


def _port(port: Port) -> dict[str, Any]:
    return {"target": port.port, "published": str(port.host_port), "protocol": "tcp"}


def _lines(value: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _entry(f"{quoting.compose(key)}:", below)
    else:
        for item in value:
            first, *others = _lines(item) if _is_block(item) else [str(quoting.compose(item))]
            yield f"- {first}"
            yield from (f"  {line}" for line in others)


def _entry(key: str, value: Any) -> Iterator[str]:  # noqa: ANN401
    if _is_block(value):
        yield key
        yield from (f"  {line}" for line in _lines(value))
    elif isinstance(value, Mapping | list | tuple):
        yield f"{key} {'{}' if isinstance(value, Mapping) else '[]'}"
    else:
        yield f"{key} {quoting.compose(value)}"


def _is_block(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple) and bool(value)
