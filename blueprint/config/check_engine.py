"""Checks that what runs submissions has what the phases ask for."""

from collections.abc import Iterator

from blueprint.config.draft import Draft
from blueprint.config.faults import Fault
from blueprint.config.locate import KeyPath
from blueprint.config.model import Phase, Server

_SHARED_MIB = 64
"""What the process sandbox gives."""


def check(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of GPUs and shared memory."""
    server = draft.server
    is_server = draft.document.at(("target",)) == "server"
    for path, phase in draft.phases:
        if is_server and server is not None:
            yield from _of_hosts(draft, path, phase, server)
        elif not is_server and draft.embedded is not None and draft.embedded.engine == "process":
            yield from _of_processes(draft, path, phase)


def _of_processes(draft: Draft, path: KeyPath, phase: Phase) -> Iterator[Fault]:
    hint = "leave it out, or write `engine: docker` under `embedded`"
    if phase.resources.gpus:
        yield draft.document.fault(
            (*path, "resources", "gpus"),
            f"{phase.resources.gpus}, but the process sandbox has no GPU",
            hint=hint,
            value=phase.resources.gpus,
            rule="0 with `engine: process`",
        )
    if phase.resources.shm_mib > _SHARED_MIB:
        yield draft.document.fault(
            (*path, "resources", "shm"),
            f"{phase.resources.shm_mib} MiB, but the process sandbox has {_SHARED_MIB} MiB",
            hint=hint,
            value=phase.resources.shm_mib,
            rule=f"at most {_SHARED_MIB} MiB with `engine: process`",
        )


def _of_hosts(draft: Draft, path: KeyPath, phase: Phase, server: Server) -> Iterator[Fault]:
    hosts = {name: server.hosts[name].gpus for name in server.hosts_with("runner")}
    if phase.resources.gpus > max(hosts.values(), default=0):
        yield draft.document.fault(
            (*path, "resources", "gpus"),
            f"{phase.resources.gpus}, and no host with the role `runner` has so many",
            hint="say how many GPUs a host has: `gpus:` under `server.hosts`",
            value=phase.resources.gpus,
            rule="at most the GPUs of one host",
        )
