"""Reaches the running platform: asks whether it answers and is well, and wakes it."""

import http.client
import json
import socket
from pathlib import Path

from blueprint.state import StateFolder

_TIMEOUT_S = 2.0
_MAX_ANSWER_BYTES = 64 * 1024
_WELL, _UNWELL = 200, 503
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
    """Tell whether a platform answers `/healthz` there, be it well or not."""
    host = _ANY.get(address, address)
    connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
    return _asked(connection, "GET", "/healthz")[0] in (_WELL, _UNWELL)


def faults_of(state: StateFolder, *, timeout_s: float = _TIMEOUT_S) -> tuple[str, ...]:
    """Return what the running platform says is wrong with it, or that it cannot be asked."""
    path = state.socket
    status, body = _asked(_UnixConnection(path, timeout_s=timeout_s), "GET", "/healthz")
    if status not in (_WELL, _UNWELL):
        return (f"internal socket: {path} does not answer, so every submission is refused",)
    try:
        return tuple(str(fault) for fault in json.loads(body)["faults"])
    except (ValueError, LookupError, TypeError):
        return ("internal socket: its answer is not understood; is it another version?",)


def wake(state: StateFolder, *, timeout_s: float = _TIMEOUT_S) -> bool:
    """Tell the running platform to look at the database now; return whether it heard.

    Nobody hears where it does not run. That loses nothing: it looks by itself too.
    """
    return _asked(_UnixConnection(state.socket, timeout_s=timeout_s), "POST", "/wake")[0] == _WELL


def _asked(connection: http.client.HTTPConnection, method: str, path: str) -> tuple[int, bytes]:
    """Return status and body of the answer; 0 and nothing without one."""
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read(_MAX_ANSWER_BYTES)
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
