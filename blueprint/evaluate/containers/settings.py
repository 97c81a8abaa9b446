"""The hardened run: what a job's container is created with (pure; the engine's own vocabulary).

Keys are those of the Docker Engine API, version 1.41 (POST /containers/create).
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.contracts.job import Job, Limits

NOBODY = "65534:65534"
MOST_VOLUMES = 32
_MIB = 1024 * 1024
_OPEN_FILES = 1024
_BEYOND_MIB = 64
_LOG_BYTES, _LOG_FILES = "1m", "2"
_VOLUME_BYTES = 16 * _MIB


@dataclass(frozen=True)
class Mount:
    """A folder of this machine, and where a program sees it."""

    source: str
    target: str
    writable: bool
    """To the engine. A mount that was made read-only on this machine stays so."""


@dataclass(frozen=True)
class Gpus:
    """The devices that a job was given; none by default."""

    ids: tuple[str, ...] = ()
    cdi: bool = False
    """Asked for by CDI names; else by the older request."""


@dataclass(frozen=True)
class Container:
    """All that is decided about a job's container before it is created."""

    job: Job
    image: str
    """The image's id, so that a name that is moved meanwhile changes nothing."""
    volumes: tuple[str, ...]
    """Paths that the image declares as volumes."""
    user: str
    mounts: tuple[Mount, ...]
    labels: Mapping[str, str]
    cpus: int
    """Cores of the machine: more cannot be given."""
    gpus: Gpus = Gpus()
    seccomp: str = ""
    """A profile of system calls as JSON; empty: the engine's own."""


def container_settings(container: Container) -> dict[str, Any]:
    """Return what the container is created with."""
    job = container.job
    native = job.image is None
    command = {"Entrypoint": list(job.argv), "Cmd": []} if job.argv else {}
    return {
        "Image": container.image,
        "User": container.user,
        **command,
        **({"WorkingDir": "/code"} if job.code is not None else {}),
        "Env": [f"{name}={value}" for name, value in _environment(container, native).items()],
        "Labels": dict(container.labels),
        "Hostname": "sandbox",
        "NetworkDisabled": True,
        "Healthcheck": {"Test": ["NONE"]},
        "AttachStdin": False,
        "AttachStdout": False,
        "AttachStderr": False,
        "OpenStdin": False,
        "Tty": False,
        "HostConfig": _host(container),
    }


def _host(container: Container) -> dict[str, Any]:
    job, limits = container.job, container.job.limits
    memory = limits.memory_mib * _MIB
    return {
        "NetworkMode": "none",
        "IpcMode": "private",
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "SecurityOpt": _security(container.seccomp),
        "Privileged": False,
        "Init": True,
        "PidsLimit": limits.processes,
        "Memory": memory,
        "MemorySwap": memory,  # memory and swap together: so no swap
        "NanoCpus": min(limits.cpus, container.cpus) * 1_000_000_000,
        "ShmSize": job.shared_memory_mib * _MIB,
        "Tmpfs": {"/tmp": _tmp(limits, container.user)},  # noqa: S108 (the run's own)
        "Ulimits": _ulimits(limits),
        "OomScoreAdj": 1000,
        "LogConfig": {
            "Type": "local",
            "Config": {"max-size": _LOG_BYTES, "max-file": _LOG_FILES},
        },
        "RestartPolicy": {"Name": "no"},
        "AutoRemove": False,
        "Mounts": [*_binds(container.mounts), *_covers(container)],
        "DeviceRequests": _device_requests(container.gpus),
    }


def _environment(container: Container, native: bool) -> dict[str, str]:
    job = container.job
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    ours = {
        **job.environment,
        "HOME": "/tmp",  # noqa: S108
        # Else what a program printed before it was killed would be lost in its buffer.
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(threads, str(min(job.limits.cpus, container.cpus))),
        # An image may set these for whoever runs it.
        "LD_PRELOAD": "",
        "NVIDIA_VISIBLE_DEVICES": ",".join(container.gpus.ids) or "void",
    }
    if container.gpus.ids and container.gpus.cdi:
        ours["NVIDIA_VISIBLE_DEVICES"] = "void"  # CDI alone gives the device
    return {**ours, "LANG": "C.UTF-8", "PATH": "/python/bin"} if native else ours


def _security(seccomp: str) -> list[str]:
    return ["no-new-privileges", *([f"seccomp={seccomp}"] if seccomp else [])]


def _tmp(limits: Limits, user: str) -> str:
    # Programs may be run from it: compilers at run time need that. It is the user's own, because
    # runc gives it the mode of the folder that the image has there.
    uid, _, gid = user.partition(":")
    size = limits.tmp_mib * _MIB
    owner = f"uid={uid},gid={gid}," if uid.isdecimal() and gid.isdecimal() else ""
    return f"rw,exec,nosuid,nodev,{owner}size={size},nr_inodes={limits.files},mode=1777"


def _ulimits(limits: Limits) -> list[dict[str, Any]]:
    # Above what the file systems hold, so that a full one is met first, and is said.
    file_bytes = (max(limits.output_mib, limits.tmp_mib) + _BEYOND_MIB) * _MIB
    wanted = {"nofile": _OPEN_FILES, "core": 0, "fsize": file_bytes, "memlock": 65536}
    wanted["msgqueue"] = 0
    return [{"Name": name, "Soft": value, "Hard": value} for name, value in wanted.items()]


def _binds(mounts: tuple[Mount, ...]) -> list[dict[str, Any]]:
    return [
        {
            "Type": "bind",
            "Source": mount.source,
            "Target": mount.target,
            "ReadOnly": not mount.writable,
            "BindOptions": {"Propagation": "rprivate"},
        }
        for mount in mounts
    ]


def _covers(container: Container) -> list[dict[str, Any]]:
    """Cover what an image declares as volumes: each would be writable and unbounded."""
    ours = {mount.target for mount in container.mounts} | {"/tmp"}  # noqa: S108
    paths = sorted(
        {posixpath.normpath(f"/{path.lstrip('/')}") for path in container.volumes} - ours
    )
    return [
        {"Type": "tmpfs", "Target": path, "TmpfsOptions": {"SizeBytes": _VOLUME_BYTES}}
        for path in paths
    ]


def _device_requests(gpus: Gpus) -> list[dict[str, Any]]:
    if not gpus.ids:
        return []
    if gpus.cdi:
        names = [f"nvidia.com/gpu={device}" for device in gpus.ids]
        return [{"Driver": "cdi", "DeviceIDs": names}]
    return [{"Driver": "nvidia", "DeviceIDs": list(gpus.ids), "Capabilities": [["gpu"]]}]
