"""An HTTPS client that shows its certificate and accepts only the deployment's own authority."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from blueprint.errors import InputError, ToolError

_CONNECT_S = 10.0
AUTHORITY, CERTIFICATE, KEY = "platform.pem", "worker.pem", "worker.key"
"""The files of a certificate folder: whom to trust, who we are, and our secret."""


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
        # No proxy, no netrc, no certificates of the machine: what the folder says, alone.
        self._client = httpx.Client(
            base_url=url.rstrip("/"),
            verify=_trust(certificates),
            trust_env=False,
            timeout=timeout,
            follow_redirects=False,
        )

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
            with self._client.stream("POST", path, content=body, headers=headers) as response:
                yield response.status_code, response.iter_bytes()
        except httpx.HTTPError as error:
            raise UnreachableError(f"{path}: {type(error).__name__}: {error}") from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


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
