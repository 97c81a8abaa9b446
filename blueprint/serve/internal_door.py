"""Answers on the internal socket, and listens anew when somebody removed it."""

import asyncio
import logging
from pathlib import Path

from starlette.types import ASGIApp

from blueprint.errors import BlueprintError
from blueprint.serve.health import Health
from blueprint.serve.http_server import HttpServer, make_server
from blueprint.serve.sockets import listen_unix

_PART = "internal socket"
_LOOK_S = 1.0
_log = logging.getLogger(__name__)


class InternalDoor:
    """The socket that hooks and the command line ask.

    Without its file nobody finds it: every submission would be refused, by a platform that looks
    well from everywhere else.
    """

    def __init__(self, path: Path, app: ASGIApp, health: Health) -> None:
        self._path = path
        self._app = app
        self._health = health
        self._servers: list[tuple[HttpServer, asyncio.Task[None]]] = []
        self._identity: tuple[int, int] | None = None

    def open(self) -> None:
        """Listen.

        Raises:
            OSError: There can be no socket.
            BlueprintError: Its folder is not safely ours.
        """
        listener = listen_unix(self._path)
        self._identity = _identity_of(self._path)
        server = make_server(self._app)
        for before, _ in self._servers:
            before.should_exit = True  # what it is answering may still be finished
        task = asyncio.create_task(server.serve(sockets=[listener]), name=_PART)
        self._servers.append((server, task))

    async def keep_open(self) -> None:
        """Look after the socket until cancelled; return when its server ended by itself."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._servers[-1][1].done():
                return
            if _identity_of(self._path) == self._identity:
                continue
            _log.warning("%s was removed or replaced: listening anew", self._path)
            try:
                self.open()
            except (OSError, BlueprintError) as error:
                self._health.note(_PART, f"{self._path} is gone and cannot be made: {error}")
            else:
                self._health.clear(_PART)

    async def close(self) -> None:
        """Answer what is under way, and remove the socket."""
        for server, _ in self._servers:
            server.should_exit = True
        await asyncio.gather(*(task for _, task in self._servers), return_exceptions=True)
        if self._identity is not None and _identity_of(self._path) == self._identity:
            self._path.unlink(missing_ok=True)


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
