"""Says in words what each layer of the sandbox holds, and what to enable where one is missing."""

from pathlib import Path
from typing import Literal

from blueprint.evaluate.sandbox.launcher import landlock

Layer = Literal["namespaces-root", "namespaces-user", "landlock", "none"]
"""What holds a run: namespaces made by root or by a normal user, Landlock alone, or nothing."""

_SIGNAL_ABI, _TRUNCATE_ABI = 6, 3

_EVERYWHERE = (
    "no network, no new privileges, no capabilities beyond what is named, system calls filtered",
    "memory of all processes together, wall clock, CPUs, processes and printed text limited",
    "only regular files come out of /output, copied by the platform",
)
_NAMESPACES = (
    "files: only system libraries, the interpreter, allowed packages, /input, /code, /output, /tmp",
    "own processes, IPC, host name, network and users; at the end all processes die as one",
    "/output and /tmp have sizes and numbers of files that the kernel keeps",
    *_EVERYWHERE,
)
_LANDLOCK = (
    "files: reads system libraries, the interpreter, allowed packages, input and code alone",
    "files: writes only the run's own folder",
    *_EVERYWHERE,
)
_LANDLOCK_WEAKER = (
    "the names and sizes of the machine's files can be probed, though not their contents",
    "locks and pools of multiprocessing are missing: they need /dev/shm",
    "other packages of the same interpreter can be read",
    "/output and /tmp are measured four times a second: a fast writer overshoots",
    "a file that is deleted while it is open counts for nothing until the disk is nearly full",
    "the process limit counts this account's other processes as they were at the start",
    "/input and /output are names that Python translates; C code that opens files finds nothing",
    "a daemon of the run survives if the platform's launcher itself is killed with -9",
)

TRUST = "for trying out and for teams you know, not for strangers' code"
"""How far the process sandbox goes; deploy, status and the portal say so."""

_SUMMARIES: dict[Layer, str] = {
    "namespaces-root": "namespaces, seccomp and resource limits, set up by root",
    "namespaces-user": "user namespaces, seccomp and resource limits",
    "landlock": "Landlock, seccomp and resource limits (weaker than namespaces)",
}

_SWITCHES = (
    ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile",
    ),
)


def summarise(layer: Layer) -> str:
    """Return in one line what holds submissions, and how far that goes."""
    if layer == "none":
        return "nothing holds participants' code here: no phase may take code"
    return f"{_SUMMARIES[layer]}; {TRUST}"


def notice(layer: Layer) -> str:
    """Return what participants are told about it."""
    if layer == "none":
        return "This platform cannot run code; it takes predictions only."
    walls = (
        "Landlock, which is weaker than namespaces"
        if layer == "landlock"
        else "namespaces without network, files or processes of the platform"
    )
    return (
        f"Code runs in a process sandbox ({walls}). It is meant "
        "for trying out and for teams that the organizers know, not for strangers' code."
    )


def describe(layer: Layer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a layer holds, and what it holds less well than the strongest."""
    if layer != "landlock":
        return _NAMESPACES, ()
    weaker = list(_LANDLOCK_WEAKER)
    if landlock.abi() < _SIGNAL_ABI:
        weaker.append("this kernel (before 6.12) lets it signal other processes of this account")
    return _LANDLOCK, tuple(weaker)


def advise(problems: list[str]) -> str:
    """Return what was met in each layer and, where the cause is known, what to enable."""
    enable = [f"enable user namespaces: {command}" for command in _switched_off()]
    if not enable:
        enable.append(
            "enable unprivileged user namespaces (in a container: allow unshare and mount, "
            "or run the platform outside of it)"
        )
    if landlock.abi() == 0:
        enable.append("or boot a kernel from 5.13 on with Landlock (lsm=landlock,...)")
    return "; ".join([*problems, *enable])


def _switched_off() -> list[str]:
    found = []
    for name, off, command in _SWITCHES:
        setting = Path("/proc/sys") / name
        if setting.is_file() and setting.read_text().strip() == off:
            found.append(command)
    return found
