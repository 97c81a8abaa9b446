"""A server plan as a tree that a person reads: hosts, services, and what each has."""

from collections.abc import Iterable, Iterator

from blueprint.plan.server import ServerPlan, ServicePlan

_STEP = "  "


def tree(plan: ServerPlan) -> Iterator[str]:
    """Yield the lines of a plan."""
    yield f"{plan.challenge_id} on {plan.names.site} (diychallenge {plan.software})"
    for host in plan.hosts:
        gpus = f", {host.gpus} GPUs" if host.gpus else ""
        roles = ", ".join(host.roles)
        yield f"host {host.name}: {host.user}@{host.address} ({roles}{gpus})"
        for opening in host.openings:
            yield f"{_STEP}firewall lets {opening.source} reach {opening.port}: {opening.purpose}"
        for service in host.services:
            yield f"{_STEP}{service.name}: {service.title}"
            yield from (f"{_STEP * 2}{line}" for line in _service(plan, service))
    yield "images"
    for image in plan.images:
        digest = image.digest or "no digest yet"
        built = f", built on {plan.image(image.base).reference}" if image.base else f", {digest}"
        yield f"{_STEP}{image.name}: {image.reference}{built}"
    yield "secrets"
    for secret in plan.secrets:
        given = " (you put it there)" if secret.kind == "given" else ""
        yield f"{_STEP}{secret.name}: {secret.meaning}{given}"


def _service(plan: ServerPlan, service: ServicePlan) -> Iterator[str]:
    for one in service.containers:
        image = plan.image(one.image).reference
        caps = f", capabilities {', '.join(one.caps)}" if one.caps else ""
        yield f"container {one.name}: {image}, {one.memory_mib} MiB, {one.pids} processes{caps}"
    for port in service.ports:
        where = f"port {port.host_port} of the host" if port.host_port else "inside"
        yield f"port {port.container}:{port.port}, {where}: {port.purpose}"
    for volume in service.volumes:
        keeps = "data" if volume.holds_data else "made again when lost"
        yield f"volume {plan.data}/{volume.name} at {volume.mount}: {volume.holds} ({keeps})"
    yield from _named("network", ((one.name, one.purpose) for one in service.networks))
    for account in service.accounts:
        yield f"{account.kind} {account.name}: {account.purpose}"
    for bucket in service.buckets:
        versions = " (keeps versions)" if bucket.is_versioned else ""
        locked = " (nothing can be removed before its time)" if bucket.is_locked else ""
        yield f"bucket {bucket.name}: {bucket.purpose}{versions}{locked}"
    yield from _named("repository", ((one.name, one.purpose) for one in service.repositories))
    for name in service.dns:
        yield f"DNS {name.name} -> {name.address}: {name.purpose}"
    for transfer in service.transfers:
        yield f"data {transfer.source} -> {transfer.destination}: {transfer.what}"


def _named(word: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"{word} {name}: {purpose}" for name, purpose in pairs)
