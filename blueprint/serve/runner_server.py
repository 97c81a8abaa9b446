"""The server of the runner API: nobody without a certificate of ours gets as far as a question."""

import asyncio
import ssl
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from blueprint.serve.http_server import BoundedHttp, HttpServer
from blueprint.serve.runner_api import CERTIFICATE

_MAX_CONNECTIONS = 128
_DRAIN_S = 4


def make_runner_server(app: Starlette, certificate: tuple[Path, Path, Path]) -> HttpServer:
    """Return the server, TLS 1.3 with a client certificate of the deployment's own authority.

    Args:
        app: The API.
        certificate: What `ensure_server_certificate` returned.
    """
    certificate_file, key_file, authority_file = certificate
    config = uvicorn.Config(
        app,
        http=_RunnerHttp,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_graceful_shutdown=_DRAIN_S,
        ssl_certfile=certificate_file,
        ssl_keyfile=key_file,
        ssl_ca_certs=str(authority_file),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    )
    config.load()
    if config.ssl is None:
        raise ValueError("the runner API must not be served without TLS")
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return HttpServer(config)


class _RunnerHttp(BoundedHttp):
    """HTTP that knows with whose certificate it is spoken."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the certificate for the questions to come."""
        super().connection_made(transport)
        secured = transport.get_extra_info("ssl_object")
        shown = None if secured is None else secured.getpeercert(binary_form=True)
        self.app_state = {**self.app_state, CERTIFICATE: shown}

    def shutdown(self) -> None:
        """End an idle connection at once: a farewell over TLS would wait for the other side."""
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]
            self.transport.abort()
        else:
            super().shutdown()
