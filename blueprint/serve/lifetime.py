"""From start to end of a platform: what begins in which order, and what ends first."""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)

from anyio import to_thread

from blueprint.adapters.sftp_host_key import ensure_host_key, host_key_fingerprint
from blueprint.adapters.sftp_server import SftpServer
from blueprint.addresses import Listening
from blueprint.data.sftp_directory import PlatformDirectory
from blueprint.evaluate.engine import Engine
from blueprint.intake.bare_repositories import MAX_PUSH_BYTES, MAX_REPOSITORY_BYTES
from blueprint.intake.repositories import embedded_repositories
from blueprint.platform import Platform
from blueprint.portal.services import PortalServices
from blueprint.serve.access_converger import AccessConverger
from blueprint.serve.access_targets import LiveGit, LiveSftp, PortalSessions
from blueprint.serve.app import make_app
from blueprint.serve.git_access import DatabaseGate
from blueprint.serve.git_gateway import GitGateway
from blueprint.serve.git_requests import LiveRequests
from blueprint.serve.health import Health
from blueprint.serve.http_server import HttpServer, make_server
from blueprint.serve.internal_api import make_internal_api
from blueprint.serve.internal_door import InternalDoor
from blueprint.serve.live_pushes import LivePushes
from blueprint.serve.loops import Loop
from blueprint.serve.runner_address import RunnerAddress
from blueprint.serve.sockets import listen_tcp
from blueprint.serve.supervision import ended, run_until
from blueprint.serve.watcher import Watcher, worker_count
from blueprint.serve.workshop import embedded_engine

_WORKERS_S = 5.0
_END_WITHIN_S = 10.0
_ACCESS_S = 1.0
_LOOK_S = 1.0
_log = logging.getLogger(__name__)


async def live(
    platform: Platform, listening: Listening, runner: RunnerAddress | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, then end within ten seconds.

    Ports are taken first, so that a taken one is known before anything is changed; they are
    answered last, when everything behind them is ready. The end is the other way round: intake
    first, while hooks of pushes under way are still answered.

    Args:
        platform: The deployment.
        listening: Where people are answered.
        runner: Where evaluation hosts are answered. With it, nothing is evaluated here.

    Raises:
        ToolError: A port is taken.
        PartEndedError: Something ended that must run for as long as the platform does.
    """
    stop, health = _stop_event(), Health()
    state = platform.state
    async with AsyncExitStack() as stack:
        front = stack.enter_context(listen_tcp(listening.address, listening.http))
        sftp = await stack.enter_async_context(_sftp(platform, listening))
        engine = embedded_engine(platform)
        pushes = LivePushes(platform.clock())
        workers = 0 if runner else worker_count(platform.challenge, _cores())
        watcher = Watcher(platform, engine, workers=workers, pushes=pushes, health=health)
        await _prepare(platform, engine, watcher)
        live_requests = LiveRequests()
        access = _access(platform, live_requests, sftp, health)

        def wake() -> None:
            watcher.wake()
            access.wake()

        door = InternalDoor(state.socket, make_internal_api(platform, wake, health), health)
        door.open()
        stack.push_async_callback(door.close)
        gateway = _gateway(platform, live_requests, pushes)
        app = make_app(platform, _services(platform, engine, wake), gateway, health, listening)
        await stack.enter_async_context(_working(watcher, access))
        http = await stack.enter_async_context(_answering(make_server(app), front))
        hosts = await stack.enter_async_context(_hosts(platform, runner, wake))
        _log.info("answering at %s, SFTP on port %d", platform.addresses.site, sftp.port)
        try:
            parts = {"internal_socket": door.keep_open(), "sftp": _lives(sftp), "http": ended(http)}
            if hosts is not None:
                parts["runner_api"] = ended(hosts)
            await run_until(stop, **parts)
        finally:
            _log.info("stopping")
            _force_end_after(_END_WITHIN_S)


def _hosts(
    platform: Platform, runner: RunnerAddress | None, wake: Callable[[], None]
) -> AbstractAsyncContextManager[asyncio.Task[None] | None]:
    """Answer evaluation hosts where that is asked for."""
    if runner is None:
        return nullcontext()
    from blueprint.serve.runners import answering_runners  # noqa: PLC0415 (it costs 7 MiB)

    return answering_runners(platform, runner, wake)


def _access(
    platform: Platform, live_requests: LiveRequests, sftp: SftpServer, health: Health
) -> Loop:
    """Return the thread that keeps every door of ours what the database says."""
    targets = (
        LiveGit(live_requests, asyncio.get_running_loop()),
        LiveSftp(sftp),
        PortalSessions(platform.database),
    )
    converger = AccessConverger(platform, targets, health)
    return Loop("access", converger.step, pause_s=_ACCESS_S, health=health, after_trouble_s=1.0)


async def _lives(sftp: SftpServer) -> None:
    """Return when the SFTP server has ended by itself."""
    while sftp.is_alive():
        await asyncio.sleep(_LOOK_S)


async def _prepare(platform: Platform, engine: Engine, watcher: Watcher) -> None:
    """Settle what the last run left, try the sandbox, and have a site to show: side by side."""
    steps: list[Callable[[], object]] = [engine.probe, watcher.settle]
    if not platform.state.site.is_dir():
        steps.append(watcher.publish_first)
    await asyncio.gather(*(to_thread.run_sync(step) for step in steps))


def _services(platform: Platform, engine: Engine, wake: Callable[[], None]) -> PortalServices:
    return PortalServices(
        sandbox_notice=engine.probe().notice,
        sftp_fingerprint=host_key_fingerprint(platform.state.keys / "sftp_host.key"),
        access_changed=wake,
    )


def _gateway(platform: Platform, live_requests: LiveRequests, pushes: LivePushes) -> GitGateway:
    return GitGateway(
        repositories=embedded_repositories(platform).folder,
        gate=DatabaseGate(platform),
        live=live_requests,
        pushes=pushes,
        max_push_bytes=MAX_PUSH_BYTES,
        max_repository_bytes=MAX_REPOSITORY_BYTES,
        variables={"DIYCHALLENGE_SOCKET": str(platform.state.socket)},
    )


@asynccontextmanager
async def _sftp(platform: Platform, listening: Listening) -> AsyncIterator[SftpServer]:
    host_key = platform.state.keys / "sftp_host.key"
    ensure_host_key(host_key)
    directory = PlatformDirectory(platform)
    server = SftpServer(listening.address, listening.sftp, host_key, directory)
    server.start()
    try:
        yield server
    finally:
        await to_thread.run_sync(server.stop)


@asynccontextmanager
async def _answering(
    server: HttpServer, listener: socket.socket
) -> AsyncIterator[asyncio.Task[None]]:
    """Run an HTTP server; at the end, what it is answering may still be finished."""
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield task
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _working(watcher: Watcher, access: Loop) -> AsyncIterator[None]:
    """Run the threads that move submissions on, and the one that looks after people's access."""
    watcher.start()
    access.start()
    try:
        yield
    finally:
        access.stop()
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
