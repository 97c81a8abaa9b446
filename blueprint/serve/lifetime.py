"""From start to end of a platform: what begins in which order, and what ends first."""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from anyio import to_thread

from blueprint.adapters.sftp_host_key import ensure_host_key, host_key_fingerprint
from blueprint.adapters.sftp_server import SftpServer
from blueprint.data.sftp_directory import PlatformDirectory
from blueprint.evaluate.engine import Engine
from blueprint.evaluate.engines import choose_engine
from blueprint.intake.bare_repositories import MAX_PUSH_BYTES, MAX_REPOSITORY_BYTES
from blueprint.intake.repositories import embedded_repositories
from blueprint.platform import Platform
from blueprint.portal.services import PortalServices
from blueprint.serve.access_watch import AccessWatch
from blueprint.serve.app import make_app
from blueprint.serve.git_access import DatabaseGate
from blueprint.serve.git_gateway import GitGateway
from blueprint.serve.git_requests import LiveRequests
from blueprint.serve.http_server import HttpServer, make_server
from blueprint.serve.internal_api import make_internal_api
from blueprint.serve.live_pushes import LivePushes
from blueprint.serve.reconcile import reconcile
from blueprint.serve.sockets import listen_tcp, listen_unix
from blueprint.serve.watcher import Watcher, worker_count

_WORKERS_S = 5.0
_END_WITHIN_S = 10.0
_log = logging.getLogger(__name__)


async def live(platform: Platform) -> None:
    """Serve until SIGTERM or SIGINT, then end within ten seconds.

    Ports are taken first, so that a taken one is known before anything is changed; they are
    answered last, when everything behind them is ready. The end is the other way round: intake
    first, while hooks of pushes under way are still answered.

    Raises:
        ToolError: A port is taken.
    """
    stop = _stop_event()
    embedded, state = platform.challenge.embedded, platform.state
    async with AsyncExitStack() as stack:
        front = stack.enter_context(listen_tcp(embedded.address, embedded.http))
        inside = stack.enter_context(listen_unix(state.socket))
        stack.callback(state.socket.unlink, missing_ok=True)
        sftp = await stack.enter_async_context(_sftp(platform))
        engine = choose_engine(hidden=(state.root, platform.project))
        pushes = LivePushes(platform.clock())
        watcher = Watcher(
            platform, engine, workers=worker_count(platform.challenge, _cores()), pushes=pushes
        )
        await _prepare(platform, engine, watcher)
        live_requests, gate = LiveRequests(), DatabaseGate(platform)
        access = AccessWatch(gate, live_requests, sftp)

        def wake() -> None:
            watcher.wake()
            access.wake()

        gateway = _gateway(platform, gate, live_requests, pushes)
        app = make_app(platform, _services(platform, engine, wake), gateway)
        internal = make_server(make_internal_api(platform, wake))
        await stack.enter_async_context(_answering(internal, inside))
        await stack.enter_async_context(_working(watcher, access))
        await stack.enter_async_context(_answering(make_server(app), front))
        _log.info("answering at %s, SFTP on port %d", platform.addresses.site, sftp.port)
        await stop.wait()
        _log.info("stopping")
        _force_end_after(_END_WITHIN_S)


async def _prepare(platform: Platform, engine: Engine, watcher: Watcher) -> None:
    """Settle what the last run left, try the sandbox, and have a site to show: side by side."""
    steps: list[Callable[[], object]] = [engine.probe, lambda: reconcile(platform)]
    if not platform.state.site.is_dir():
        steps.append(watcher.publish_first)
    await asyncio.gather(*(to_thread.run_sync(step) for step in steps))


def _services(platform: Platform, engine: Engine, wake: Callable[[], None]) -> PortalServices:
    return PortalServices(
        sandbox_notice=engine.probe().notice,
        sftp_fingerprint=host_key_fingerprint(platform.state.keys / "sftp_host.key"),
        access_changed=wake,
    )


def _gateway(
    platform: Platform, gate: DatabaseGate, live_requests: LiveRequests, pushes: LivePushes
) -> GitGateway:
    return GitGateway(
        repositories=embedded_repositories(platform).folder,
        gate=gate,
        live=live_requests,
        pushes=pushes,
        max_push_bytes=MAX_PUSH_BYTES,
        max_repository_bytes=MAX_REPOSITORY_BYTES,
        variables={"DIYCHALLENGE_SOCKET": str(platform.state.socket)},
    )


@asynccontextmanager
async def _sftp(platform: Platform) -> AsyncIterator[SftpServer]:
    embedded, host_key = platform.challenge.embedded, platform.state.keys / "sftp_host.key"
    ensure_host_key(host_key)
    directory = PlatformDirectory(platform)
    server = SftpServer(embedded.address, embedded.sftp, host_key, directory)
    server.start()
    try:
        yield server
    finally:
        await to_thread.run_sync(server.stop)


@asynccontextmanager
async def _answering(server: HttpServer, listener: socket.socket) -> AsyncIterator[None]:
    """Run an HTTP server; at the end, what it is answering may still be finished."""
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _working(watcher: Watcher, access: AccessWatch) -> AsyncIterator[None]:
    """Run the threads and the watch over people's access."""
    watcher.start()
    task = asyncio.create_task(access.run())
    try:
        yield
    finally:
        task.cancel()
        await to_thread.run_sync(watcher.stop, _WORKERS_S)


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _force_end_after(seconds: float) -> None:
    """End the process whatever hangs; the next start settles what that leaves behind."""
    timer = threading.Timer(seconds, os._exit, args=[1])
    timer.daemon = True
    timer.start()


def _cores() -> int:
    return len(os.sched_getaffinity(0))
