"""Finds out what a Docker engine can hold on this machine, by running a real job on it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from blueprint.adapters.docker_engine import DockerEngineApi, missing_package
from blueprint.errors import BlueprintError
from blueprint.evaluate.containers.gpus import Devices, find_devices
from blueprint.evaluate.containers.settings import NOBODY
from blueprint.evaluate.engine import Job, Outcome, Probe
from blueprint.evaluate.probing import try_walls

_TRIAL_S = 300.0
"""A cold image on a busy machine: its packages are read from disk for the first time."""
_ELSEWHERE = "or write `engine: process` under `embedded:` for the process sandbox"
_BOUNDS = (
    "files: only the image, /input, /code, /output, /tmp; the image is read-only",
    "no network, no capabilities, no new privileges, the engine's filter of system calls",
    "limits: memory (with files in /tmp and /dev/shm), CPUs, processes, wall clock, printed text",
    "own processes, IPC, host name and network; at the end all processes die as one",
    "only regular files come out of /output, copied by the platform",
)
_CLOSED = (
    "/output has a size and a number of files that the kernel keeps; what is read refuses links,"
    " devices and set-user-id programs"
)
_OPEN = (
    "/output is a plain folder, measured four times a second: a fast writer overshoots",
    "links in /input and /code are not refused by a mount of ours",
)


@dataclass(frozen=True)
class Setting:
    """How jobs are run on this engine, as a trial found it to work."""

    bounded: bool
    """What is read is shown through mounts of ours, and /output is a file system of its own."""
    user: str
    cpus: int
    devices: Devices


RunAs = Callable[[Setting, Job], Outcome]


def probe_engine(
    api: DockerEngineApi, run_as: RunAs, *, may_mount: bool, scratch: Path | None
) -> tuple[Setting | None, Probe]:
    """Return how jobs are run on this engine, and what that holds.

    Args:
        api: The engine.
        run_as: Runs a job to its end in a setting.
        may_mount: Whether mounts of ours are tried.
        scratch: Where the trial's folder is made.
    """
    if missing := missing_package():
        return None, _useless(missing, "pip install 'diychallenge[server]'")
    try:
        info = api.info()
        if problem := unusable(info):
            return None, _useless(*problem)
        problems: list[str] = []
        for setting in _settings(info, may_mount=may_mount):
            problem_met = try_walls(partial(run_as, setting), scratch, time_s=_TRIAL_S)
            if not problem_met:
                return setting, _describe(setting, info, problems)
            problems.append(problem_met)
    except BlueprintError as error:
        return None, _useless(str(error), error.hint or "")
    seen = "run the evaluator on the machine and in the mounts of the engine's own process"
    return None, _useless(f"the trial run failed: {'; '.join(problems)}", seen)


def unusable(info: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return why this engine cannot hold submissions, and what to do; None when it can."""
    kinds = " ".join(str(option) for option in info.get("SecurityOptions") or ())
    if info.get("OSType") != "linux":
        return "the engine runs no Linux containers", "use an engine on Linux"
    if "rootless" in kinds or "userns" in kinds:
        return (
            "engines without root, or with users mapped (userns-remap), are not in this version",
            "use the system's engine (/var/run/docker.sock)",
        )
    return None


def _settings(info: Mapping[str, Any], *, may_mount: bool) -> list[Setting]:
    root = os.geteuid() == 0
    user = NOBODY if root else f"{os.geteuid()}:{os.getegid()}"
    cpus, devices = int(info.get("NCPU") or 1), find_devices(info)
    plain = Setting(bounded=False, user=user, cpus=cpus, devices=devices)
    return [Setting(True, user, cpus, devices), plain] if may_mount and root else [plain]


def _describe(setting: Setting, info: Mapping[str, Any], problems: list[str]) -> Probe:
    version = info.get("ServerVersion", "?")
    weaker = [] if setting.bounded else [*_OPEN, *(f"because: {one}" for one in problems)]
    if not info.get("LiveRestoreEnabled"):
        weaker.append("when the engine is restarted, what runs is lost and begins anew")
    if not setting.user.startswith("65534"):
        weaker.append("programs run as this account's user inside: only so can it read its files")
    live = 'put {"live-restore": true} into /etc/docker/daemon.json and reload the engine'
    gpus = f", {len(setting.devices.ids)} GPU(s)" if setting.devices.ids else ""
    summary = f"containers of Docker {version}, hardened{gpus}"
    notice = (
        "Code runs in a container without a network, as a user without rights, on a read-only "
        "root; it sees its input and nothing else."
    )
    bounds = (*_BOUNDS, _CLOSED) if setting.bounded else _BOUNDS
    advice = "" if info.get("LiveRestoreEnabled") else live
    return Probe(True, summary, notice, bounds, tuple(weaker), advice)


def _useless(problem: str, advice: str) -> Probe:
    advice = "; ".join(part for part in (problem, advice, _ELSEWHERE) if part)
    return Probe(
        False, "no Docker engine that can be used", "Code is not accepted.", (), (), advice
    )
