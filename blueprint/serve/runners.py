"""Answers evaluation hosts for as long as the platform lives."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread

from blueprint.platform import Platform
from blueprint.serve.ledger_desk import LedgerDesk
from blueprint.serve.runner_address import RunnerAddress
from blueprint.serve.runner_api import make_runner_api
from blueprint.serve.runner_certificates import ensure_server_certificate, known_worker
from blueprint.serve.runner_server import make_runner_server
from blueprint.serve.sockets import listen_tcp

_log = logging.getLogger(__name__)


@asynccontextmanager
async def answering_runners(
    platform: Platform, address: RunnerAddress, wake: Callable[[], None]
) -> AsyncIterator[asyncio.Task[None]]:
    """Serve the runner API and give the task that does.

    Its own port, TLS and certificates: whoever speaks to it is a machine of the organizers, never
    a browser. It outlives a restart of the platform: hosts go on and hand in afterwards.

    Raises:
        ToolError: The port is taken.
    """
    spool = Path(tempfile.mkdtemp(prefix="diychallenge-code-"))
    listener = listen_tcp(address.host, address.port)
    try:
        names = address.certified_names()
        certificate = await to_thread.run_sync(
            ensure_server_certificate, platform.state, names, platform.clock()
        )

        def identify(shown: bytes) -> str | None:
            return known_worker(platform.state, shown, platform.clock())

        api = make_runner_api(LedgerDesk(platform, to_hosts=True), identify, wake=wake, spool=spool)
        server = make_runner_server(api, certificate)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        told = ", ".join(names) or "no name: give one with --runner-name"
        _log.info(
            "answering evaluation hosts on %s port %d as %s", address.host, address.port, told
        )
        try:
            yield task
        finally:
            server.should_exit = True
            await task
    finally:
        listener.close()
        shutil.rmtree(spool, ignore_errors=True)
