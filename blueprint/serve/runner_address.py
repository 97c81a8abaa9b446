"""Where evaluation hosts are answered, and under which names they reach it."""

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from blueprint.errors import InputError
from blueprint.files import write_whole
from blueprint.state import StateFolder

_HIGHEST_PORT = 65535
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True)
class RunnerAddress:
    """An address of this machine with a port, and what else hosts call it."""

    host: str
    port: int
    names: tuple[str, ...] = ()
    """Names and addresses that the organizer gives, as hosts write them in `--desk`."""

    def certified_names(self) -> tuple[str, ...]:
        """Return what the certificate has to name, so that hosts can verify it.

        Nobody connects to 0.0.0.0 or `::`: in their place stands the name of this machine.
        """
        own = socket.gethostname() if _is_every_address(self.host) else self.host
        wanted = (own, *self.names) if _is_name(own) else self.names
        return tuple(dict.fromkeys(wanted))


def note_runner(state: StateFolder, address: RunnerAddress | None) -> None:
    """Note how a platform that starts evaluates: by itself (None), or on hosts."""
    if address is None:
        state.runner.unlink(missing_ok=True)
    else:
        write_whole(state.runner, f"{address.host}:{address.port}\n".encode())


def noted_runner(state: StateFolder) -> str | None:
    """Return where evaluation hosts were answered when the platform started last; None: nowhere."""
    try:
        return state.runner.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def runner_address(text: str, names: Sequence[str] = ()) -> RunnerAddress:
    """Return the address that `ADDRESS:PORT` says.

    Raises:
        InputError: It is none, or a name cannot stand in a certificate.
    """
    host, colon, port = text.rpartition(":")
    is_port = port.isascii() and port.isdigit() and int(port) <= _HIGHEST_PORT
    if not colon or not host or not is_port:
        raise InputError(f"--runner {text!r}: not ADDRESS:PORT, such as 127.0.0.1:9443")
    for name in names:
        if not _is_name(name) or _is_every_address(name):
            raise InputError(
                f"--runner-name {name!r}: not what a host calls this machine",
                hint="as in `work --desk https://NAME:PORT`: platform.example.org, or 192.0.2.7",
            )
    return RunnerAddress(host.strip("[]"), int(port), tuple(names))


def _is_every_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_name(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _HOST_NAME.fullmatch(text) is not None
    return True
