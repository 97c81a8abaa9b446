"""A running gateway over a table of tokens, and a work tree to push from."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp

from blueprint.adapters.git_http import GitBounds
from blueprint.serve.basic_auth import basic_credentials
from blueprint.serve.git_gate import Member, RefusedError
from blueprint.serve.git_gateway import GitGateway
from blueprint.serve.git_requests import LiveRequests
from blueprint.serve.live_pushes import LivePushes
from tests.integration.git_gateway.client import MAX_PUSH, MAX_REPOSITORY, Running, git

TOKENS = {("ada", "good-token"): ("voxels", 1), ("bob", "other-token"): ("pixels", 2)}


class TableGate:
    """The gate's port over a table: who has which token, and whose team is which."""

    def __init__(self, repositories: Path) -> None:
        self._repositories = repositories

    async def admit(self, authorization: str, team: str) -> Member:
        known = TOKENS.get(basic_credentials(authorization) or ("", ""))
        if known is None:
            raise RefusedError(401, "log in with a token")
        if known[0] != team:
            raise RefusedError(403, f"refused: this is not your team's repository, {known[0]} is")
        repository = self._repositories / f"{team}.git"
        if not repository.exists():
            git(
                self._repositories, "init", "--bare", "-q", "--initial-branch=main", str(repository)
            )
        username = (basic_credentials(authorization) or ("", ""))[0]
        return Member(known[1], username, token_id=known[1])


@pytest.fixture
def bounds() -> GitBounds:
    """What a request may cost; a test may have it otherwise."""
    return GitBounds()


@pytest.fixture
def gateway(tmp_path: Path, bounds: GitBounds) -> Iterator[Running]:
    repositories = tmp_path / "repositories"
    repositories.mkdir()
    live = LiveRequests()
    app = GitGateway(
        repositories=repositories,
        gate=TableGate(repositories),
        live=live,
        pushes=LivePushes(datetime(2027, 6, 15, tzinfo=UTC)),
        max_push_bytes=MAX_PUSH,
        max_repository_bytes=MAX_REPOSITORY,
        variables={"DIYCHALLENGE_SOCKET": str(tmp_path / "none.sock")},
        bounds=bounds,
    )
    with answering(app) as (port, loop):
        yield Running(f"http://127.0.0.1:{port}", port, live, repositories, loop)


@contextlib.contextmanager
def answering(app: ASGIApp) -> Iterator[tuple[int, asyncio.AbstractEventLoop]]:
    """Serve an application; give the port and the event loop that it lives on."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="h11", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()

    def run() -> None:
        loop.run_until_complete(server.serve(sockets=[listener]))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listener.getsockname()[1], loop
    finally:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "predict.py").write_text("print('hello')\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=first")
    return folder
