"""The HTTP server of the platform: one for the address people use, one for the Unix socket."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

_MAX_CONNECTIONS = 512
_DRAIN_S = 4


class HttpServer(uvicorn.Server):
    """A server that leaves signals to the platform, which stops several things in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def make_server(app: ASGIApp) -> HttpServer:
    """Return a server that ends within some four seconds once `should_exit` is set."""
    config = uvicorn.Config(
        app,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever says X-Forwarded-For would choose the address that logins are counted by.
        proxy_headers=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_graceful_shutdown=_DRAIN_S,
    )
    return HttpServer(config)
