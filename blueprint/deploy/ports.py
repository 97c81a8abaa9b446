"""Checks that ports are free before anything starts, and names who has a taken one."""

import errno
import pwd
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from blueprint.errors import InputError

_PROC = Path("/proc")
_LISTEN = "0A"


@dataclass(frozen=True)
class Owner:
    """Who listens on a port; the process is None where this user may not look into it."""

    user: str
    pid: int | None
    command: str | None

    def __str__(self) -> str:
        """`nginx (process 812, user root)`, or as much as is known."""
        if self.pid is None:
            return f"a process of user {self.user}"
        return f"{self.command} (process {self.pid}, user {self.user})"


def demand_free(address: str, ports: Mapping[str, int]) -> None:
    """Make sure that every port can be listened on now.

    Args:
        address: An address or name of this machine.
        ports: The key of challenge.yaml that asks for it, to the port.

    Raises:
        InputError: Some cannot; all of them are named, each with its owner where it is known.
    """
    if len(set(ports.values())) < len(ports):
        raise InputError(
            f"{' and '.join(ports)} are the same port", hint="give each its own in challenge.yaml"
        )
    faults = [fault for key, port in ports.items() if (fault := _fault(address, key, port))]
    if faults:
        raise InputError(
            "\n".join(faults),
            hint="stop what listens there, or choose another address or port under `embedded:`"
            " in challenge.yaml",
        )


def owner_of(port: int) -> Owner | None:
    """Return who listens on a TCP port of this machine, or None when nobody is found."""
    for inode, uid in _listeners(port):
        pid = _process_with(inode)
        return Owner(_user(uid), pid, _command(pid) if pid else None)
    return None


def _fault(address: str, key: str, port: int) -> str | None:
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server does: a connection that was closed a minute ago is no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
            probe.listen(1)
    except OSError as error:
        return f"{key}: {_problem(error, address, port)}"
    return None


def _problem(error: OSError, address: str, port: int) -> str:
    if isinstance(error, socket.gaierror):
        return f"{address} is no address of any machine"
    if error.errno == errno.EADDRINUSE:
        owner = owner_of(port)
        return f"port {port} is taken" + (f" by {owner}" if owner else "")
    if error.errno == errno.EACCES:
        return f"port {port} is for root alone (below 1024)"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{address} is no address of this machine"
    return f"port {port} cannot be listened on: {error.strerror}"


def _listeners(port: int) -> Iterator[tuple[str, int]]:
    """Yield inode and user id of every socket that listens on the port."""
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in (line.split() for line in lines):
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9], int(fields[7])


def _process_with(inode: str) -> int | None:
    wanted = f"socket:[{inode}]"
    for process in _PROC.iterdir():
        if process.name.isdigit() and wanted in _opened(process):
            return int(process.name)
    return None


def _opened(process: Path) -> Iterator[str]:
    """Yield what a process has open; nothing where this user may not see it."""
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        try:
            yield str(descriptor.readlink())
        except OSError:
            continue


def _command(pid: int) -> str:
    """Return what a process is, in few words: its program, or which platform it runs."""
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return "a process"
    if "serve" in words and "--state" in words:
        return f"the platform of {words[words.index('--state') + 1]}"
    return Path(words[0]).name or "a process"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
