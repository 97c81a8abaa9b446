"""Runs one job in the sandbox as some account and prints how it ended; started by the tests.

As root it can become another account, for which it first makes the interpreter reachable: a
private mount namespace in which the folders above it are open to all. The account is then as
unprivileged as any, and the interpreter the very one that the tests use.
"""

import ctypes
import dataclasses
import errno
import json
import os
import stat
import struct
import sys
from pathlib import Path

_BIND, _RECURSIVE, _PRIVATE, _NEW_NS = 0x1000, 0x4000, 0x40000, 0x20000
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    order = json.loads(sys.argv[1])
    if order["user"] != os.geteuid():
        reach([sys.base_prefix, sys.prefix, order["checkout"]], order["user"])
        os.setgroups([])
        os.setresgid(order["user"], order["user"], order["user"])
        os.setresuid(order["user"], order["user"], order["user"])
    sys.path.insert(0, order["checkout"])
    # The checkout to test is known only now.
    from blueprint.evaluate.engine import Job, Limits  # noqa: PLC0415
    from blueprint.evaluate.sandbox.engine import ProcessSandbox  # noqa: PLC0415

    switch_off(order["missing"])
    folder = Path(order["folder"])
    if order["layer"] == "probe":
        sandbox = ProcessSandbox()
        answer({**dataclasses.asdict(sandbox.probe()), "layer": sandbox.layer})
        return
    job = Job(
        name="test",
        argv=tuple(order["argv"]),
        code=folder / "code",
        inputs=folder / "input",
        output=folder / "output",
        limits=Limits(**order["limits"]),
        environment={"DIYCHALLENGE_SEED": "7"},
    )
    sandbox = ProcessSandbox(hidden=[Path(path) for path in order["hidden"]])
    outcome = sandbox.run_in(order["layer"], job, cancelled=lambda: False)
    answer({**dataclasses.asdict(outcome), "log": outcome.log.decode("latin-1")})


def answer(facts: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(facts))


def switch_off(calls: list[str]) -> None:
    """Make this machine one whose kernel has some system calls switched off, from here on."""
    from blueprint.evaluate.sandbox.launcher import kernel, seccomp  # noqa: PLC0415

    numbers = {"unshare": {"x86_64": 272, "aarch64": 97}[os.uname().machine], "landlock": 444}
    program = [(0x20, 0, 0, 0)]  # load the number
    for call in calls:
        program += [(0x15, 0, 1, numbers[call]), (0x06, 0, 0, 0x50000 | errno.EPERM)]
    program.append((0x06, 0, 0, 0x7FFF0000))
    if calls:
        kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
        seccomp.install(b"".join(struct.pack("<HBBI", *step) for step in program))


def reach(paths: list[str], user: int) -> None:
    """Make paths reachable for every account, in this process's view of the machine alone."""
    if _libc.unshare(_NEW_NS) != 0:
        raise OSError(ctypes.get_errno(), "private mount namespace")
    mount("none", "/", _RECURSIVE | _PRIVATE)
    wanted = {Path(path).resolve() for path in paths}
    closed = {path: gate for path in wanted if (gate := first_closed(path, user)) is not None}
    held = {path: os.open(path, os.O_PATH) for path in closed}
    for gate in sorted(set(closed.values())):
        mount("tmpfs", str(gate), 0, "tmpfs")
        gate.chmod(0o755)
    for path, fd in held.items():
        path.mkdir(parents=True, exist_ok=True)
        mount(f"/proc/self/fd/{fd}", str(path), _BIND | _RECURSIVE)


def first_closed(path: Path, user: int) -> Path | None:
    for folder in reversed(path.parents):
        status = folder.stat()
        if status.st_uid != user and not status.st_mode & stat.S_IXOTH:
            return folder
    return None


def mount(source: str, target: str, flags: int, kind: str = "none") -> None:
    if _libc.mount(source.encode(), target.encode(), kind.encode(), flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {source} on {target}")


main()
