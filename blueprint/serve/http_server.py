"""The HTTP server of the platform: one for the address people use, one for the Unix socket."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

_MAX_CONNECTIONS = 512
MAX_PER_ADDRESS = 256
_DRAIN_S = 4
HEAD_WITHIN_S = 15.0


class BoundedHttp(H11Protocol):
    """HTTP that does not wait for ever for a request's head, nor give one address all the room."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if self.client is not None and self._from_same_address() > MAX_PER_ADDRESS:
            transport.abort()
        self._wait_for_head()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, or for the rest of one that was answered early."""
        super().on_response_complete()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def _from_same_address(self) -> int:
        """Return how many connections there are with this one's address; a Unix socket has none."""
        clients = [getattr(other, "client", None) for other in self.connections]
        return sum(bool(c and self.client and c[0] == self.client[0]) for c in clients)

    def _wait_for_head(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self.loop.call_later(HEAD_WITHIN_S, self._close_if_waiting)

    def _close_if_waiting(self) -> None:
        # uvicorn declares it as always there, but there is none before the first request.
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]
            self.transport.close()


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
        http=BoundedHttp,
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
