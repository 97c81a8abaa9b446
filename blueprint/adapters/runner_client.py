"""An HTTPS client that shows its certificate and accepts only the deployment's own authority."""

import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from blueprint.adapters.runner_files import AUTHORITY, CERTIFICATE, KEY
from blueprint.errors import InputError, ToolError

_CONNECT_S = 10.0
_log = logging.getLogger(__name__)
_Stamp = tuple[tuple[int, int], ...]


class UnreachableError(ToolError):
    """No whole answer came."""


class RunnerClient:
    """Asks one address; safe to share between threads."""

    def __init__(self, url: str, certificates: Path, *, timeout_s: float) -> None:
        """Load the certificates; nothing is asked yet.

        Args:
            url: Where the runner API answers, `https://HOST:PORT`.
            certificates: A folder with `platform.pem`, `worker.pem` and `worker.key`.
            timeout_s: How long an answer may keep silent.

        Raises:
            InputError: The address or a file cannot be used.
        """
        if not url.startswith("https://"):
            raise InputError(f"{url}: not an address that begins with https://")
        timeout = httpx.Timeout(timeout_s, connect=_CONNECT_S)

        def connect() -> httpx.Client:
            # No proxy, no netrc, no certificates of the machine: what the folder says, alone.
            return httpx.Client(
                base_url=url.rstrip("/"),
                verify=_trust(certificates),
                trust_env=False,
                timeout=timeout,
                follow_redirects=False,
            )

        self._lines = _Lines(certificates, connect)

    def post(self, path: str, body: bytes, *, max_bytes: int) -> tuple[int, bytes]:
        """Return the status and the whole answer.

        Raises:
            UnreachableError: No whole answer came, or one of more than `max_bytes`.
        """
        with self.stream(path, body) as (status, chunks):
            answer = bytearray()
            for chunk in chunks:
                answer += chunk
                if len(answer) > max_bytes:
                    raise UnreachableError(f"{path}: an answer of more than {max_bytes} bytes")
            return status, bytes(answer)

    @contextmanager
    def stream(self, path: str, body: bytes) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Give the status and the answer piece by piece.

        Raises:
            UnreachableError: No whole answer came.
        """
        headers = {"Content-Type": "application/json"}
        try:
            with (
                self._lines.taken() as client,
                client.stream("POST", path, content=body, headers=headers) as response,
            ):
                yield response.status_code, response.iter_bytes()
        except httpx.HTTPError as error:
            raise UnreachableError(f"{path}: {type(error).__name__}: {error}") from None

    def close(self) -> None:
        """Close the connections."""
        self._lines.close()


class _Lines:
    """The connections of now; new ones are made once the certificates in the folder are others.

    So a certificate is renewed while questions are under way: these end on the old connections.
    """

    def __init__(self, certificates: Path, connect: Callable[[], httpx.Client]) -> None:
        self._certificates = certificates
        self._connect = connect
        self._stamp = _stamp(certificates)
        self._client = connect()
        self._users: dict[httpx.Client, int] = {self._client: 0}
        self._lock = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[httpx.Client]:
        """Give a client for one question."""
        with self._lock:
            self._renew()
            client = self._client
            self._users[client] += 1
        try:
            yield client
        finally:
            with self._lock:
                self._users[client] -= 1
                self._close_unused()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._users:
                client.close()

    def _renew(self) -> None:
        found = _stamp(self._certificates)
        if found == self._stamp:
            return
        try:
            fresh = self._connect()
        except InputError as error:  # of two files one is there so far, or one is half written
            _log.warning("the old certificate is used on: %s", error)
            return
        if _stamp(self._certificates) != found:
            fresh.close()  # they are being written: the next question looks again
            return
        _log.info("the certificates in %s were renewed", self._certificates)
        self._stamp, self._client = found, fresh
        self._users[fresh] = 0
        self._close_unused()

    def _close_unused(self) -> None:
        for client, users in list(self._users.items()):
            if users == 0 and client is not self._client:
                del self._users[client]
                client.close()


def _stamp(certificates: Path) -> _Stamp:
    """Return what differs after a file of the folder was replaced."""
    found = []
    for name in (AUTHORITY, CERTIFICATE, KEY):
        try:
            told = (certificates / name).stat()
            found.append((told.st_ino, told.st_mtime_ns))
        except OSError:
            found.append((0, 0))
    return tuple(found)


def _trust(certificates: Path) -> ssl.SSLContext:
    for name in (AUTHORITY, CERTIFICATE, KEY):
        if not (certificates / name).is_file():
            raise InputError(
                f"{certificates / name}: is missing",
                hint="`diychallenge evaluators add NAME --into DIR` on the platform makes it",
            )
    try:
        context = ssl.create_default_context(cafile=str(certificates / AUTHORITY))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(certificates / CERTIFICATE, certificates / KEY)
    except (ssl.SSLError, OSError) as error:
        raise InputError(f"{certificates}: the certificates cannot be used: {error}") from None
    return context
