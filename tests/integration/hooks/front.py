"""The real gateway in front of a deployment's repositories, and how people push through it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from blueprint.intake.confirmation import sweep_platform
from blueprint.intake.repositories import embedded_repositories
from blueprint.ledger.sweeper import SweepReport
from blueprint.people.git_tokens import issue_token
from blueprint.platform import Platform
from blueprint.serve.git_access import DatabaseGate
from blueprint.serve.git_gateway import GitGateway
from blueprint.serve.git_requests import LiveRequests
from blueprint.serve.live_pushes import LivePushes
from tests.integration.hooks.pushes import wait_until


@dataclass(frozen=True)
class Front:
    """A running gateway."""

    current: Callable[[], Platform]
    pushes: LivePushes
    port: int

    @property
    def platform(self) -> Platform:
        return self.current()

    def remote(self, *, username: str = "person-1", team: str = "voxels") -> str:
        """Return the address that a person clones from, with a fresh token in it."""
        number = int(username.removeprefix("person-"))
        token, _ = issue_token(self.platform.database, number, "test", self.platform.clock())
        return f"http://{username}:{token}@127.0.0.1:{self.port}/git/{team}.git"

    def sweep(self) -> SweepReport:
        """Settle what was left behind, as the process does that the gateway runs in."""
        return sweep_platform(
            self.platform, embedded_repositories(self.platform), self.pushes.is_pushed
        )

    def sweep_afterwards(self) -> SweepReport:
        """Settle once the gateway too has come to the end of every push."""
        wait_until(lambda: not any(self.pushes._running.values()))
        return self.sweep()

    def sweep_from_elsewhere(self) -> SweepReport:
        """Settle what was left behind, without any word of which pushes are running."""
        return sweep_platform(self.platform, embedded_repositories(self.platform))


@contextmanager
def gateway_before(current: Callable[[], Platform], hook_socket: str) -> Iterator[Front]:
    """Serve the platform's repositories on a port of this machine."""
    platform = current()
    pushes = LivePushes(platform.clock())
    app = GitGateway(
        repositories=platform.state.git, gate=DatabaseGate(platform), live=LiveRequests(),
        pushes=pushes,
        max_push_bytes=8 * 1024**2, max_repository_bytes=64 * 1024**2,
        variables={"DIYCHALLENGE_SOCKET": hook_socket},
    )  # fmt: skip
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="h11", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)

    def run() -> None:
        asyncio.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield Front(current, pushes, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(timeout=20)
