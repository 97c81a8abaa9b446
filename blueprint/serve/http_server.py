"""The HTTP server of the platform: one for the address people use, one for the Unix socket."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 512
_DRAIN_S = 4
HEAD_WITHIN_S = 15.0


class BoundedHttp(H11Protocol):
    """HTTP that does not wait for ever for a request, and gives nobody's silence others' room."""

    _patience: asyncio.TimerHandle | None = None
    _waits_since_s = 0.0
    _is_evicted = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()
        if self.client is not None and len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, or for the rest of one that was answered early."""
        super().on_response_complete()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    @property
    def is_unfinished(self) -> bool:
        """True while a request, or the rest of a form, is still to come.

        A push is not: only members get to send one, and the gateway has bounds for them.
        """
        cycle = self.cycle
        # uvicorn declares it as always there, but there is none before the first request.
        if cycle is None or cycle.response_complete:  # type: ignore[redundant-expr]
            return True
        return cycle.more_body and not self.scope["path"].startswith("/git/")

    def _make_room(self) -> None:
        """End a connection that keeps us waiting: of the largest crowd the one that began first.

        Without any it is this one. Whoever sends a request at once is hardly ever met.
        """
        waiting = [
            other
            for other in self.connections
            if isinstance(other, BoundedHttp) and other.is_unfinished and not other._is_evicted  # noqa: SLF001
        ]
        crowd = Counter(other.client[0] for other in waiting if other.client)

        def goes_first(other: BoundedHttp) -> tuple[int, float]:
            return crowd[other.client[0]] if other.client else 0, -other._waits_since_s

        first = max(waiting, key=goes_first, default=self)
        first._is_evicted = True  # noqa: SLF001
        first.transport.abort()

    def _wait_for_head(self) -> None:
        self._waits_since_s = self.loop.time()
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
        limit_concurrency=2 * MAX_CONNECTIONS,
        timeout_graceful_shutdown=_DRAIN_S,
    )
    return HttpServer(config)
