"""Reaches the running platform: asks whether it answers, and tells it that something changed."""

import http.client
import socket
from pathlib import Path

from blueprint.state import StateFolder

_TIMEOUT_S = 2.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # read, never listened on here


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def is_answering(address: str, port: int, *, timeout_s: float = _TIMEOUT_S) -> bool:
    """Tell whether a platform answers `/healthz` there."""
    host = _ANY.get(address, address)
    return _status_of(http.client.HTTPConnection(host, port, timeout=timeout_s), "GET", "/healthz")


def wake(state: StateFolder, *, timeout_s: float = _TIMEOUT_S) -> bool:
    """Tell the running platform to look at the database now; return whether it heard.

    Nobody hears where it does not run. That loses nothing: it looks by itself too.
    """
    return _status_of(_UnixConnection(state.socket, timeout_s=timeout_s), "POST", "/wake")


def _status_of(connection: http.client.HTTPConnection, method: str, path: str) -> bool:
    try:
        connection.request(method, path)
        return 200 <= connection.getresponse().status < 300  # noqa: PLR2004
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
