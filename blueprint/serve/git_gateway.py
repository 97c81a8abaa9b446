"""Serves the teams' repositories over smart HTTP, to approved members of the team alone."""

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from blueprint.adapters.git import remove_leftovers, stored_bytes
from blueprint.adapters.git_http import BackendRequest, GitBounds, GitHttpBackend
from blueprint.errors import ToolError
from blueprint.serve.git_gate import Gate, Member, RefusedError
from blueprint.serve.git_paths import GitRequest, parse_git_request
from blueprint.serve.git_relay import Exchange, feed, relay
from blueprint.serve.git_requests import NOTHING_STORED, LiveRequests, Place
from blueprint.serve.live_pushes import LivePushes
from blueprint.threads import BusyError, Threads

MAX_FETCH_REQUEST_BYTES = 10 * 1024**2
_THREADS = 4
_THREAD_WAIT_S = 30.0
_FULL = "refused: the repository holds all that it may; nothing was stored. Ask the organizers."
_BUSY = f"refused: the platform is busy; try again in a minute.\n{NOTHING_STORED}"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GitGateway:
    """The ASGI application below `/git/`."""

    repositories: Path
    gate: Gate
    live: LiveRequests
    pushes: LivePushes
    max_push_bytes: int
    max_repository_bytes: int
    variables: Mapping[str, str]
    """Environment for the hooks: where the platform's socket is."""
    bounds: GitBounds = field(default_factory=GitBounds)
    threads: Threads = field(default_factory=lambda: Threads(_THREADS, wait_s=_THREAD_WAIT_S))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        try:
            await self._answer(exchange)
        except RefusedError as refusal:
            await exchange.refuse(refusal)
        except BusyError:
            await exchange.refuse(RefusedError(503, _BUSY, "try again"))
        except ToolError as error:
            _log.warning("%s", error)
            text = "refused: git failed on the server; try again"
            await exchange.refuse(RefusedError(500, text, "git failed"))
        except ClientDisconnect:
            return  # uvicorn closes a connection whose answer is not complete

    async def _answer(self, exchange: Exchange) -> None:
        request = parse_git_request(exchange.scope)
        authorization = exchange.headers.get("authorization", "")
        member = await self.gate.admit(authorization, request.team)
        exchange.request = request
        try:
            async with self.live.turn(member, request.team) as place:
                # Asked again: the turn may have been long in coming, or the access have ended
                # just before the place was seen.
                await self.gate.admit(authorization, request.team)
                with self.pushes.running(request.team) if request.is_push else nullcontext():
                    await self._run(exchange, request, place)
        finally:
            if self.live.is_to_tidy(request.team):
                # Here and now, on the event loop: nothing can begin in the repository meanwhile.
                remove_leftovers(self._repository(request.team))

    async def _run(self, exchange: Exchange, request: GitRequest, place: Place) -> None:
        """Serve a request that has its turn."""
        if request.service == "git-receive-pack" and await self._is_full(request.team):
            raise RefusedError(507, _FULL)
        what = "push" if request.is_push else "request"
        max_bytes = self.max_push_bytes if request.is_push else MAX_FETCH_REQUEST_BYTES
        asked = self._asked(exchange, request, place.member)
        backend = place.backend = await GitHttpBackend.start(asked)
        try:
            await feed(exchange, backend, max_bytes=max_bytes, what=what)
            await relay(exchange, backend)
        finally:
            await backend.end()

    def _repository(self, team: str) -> Path:
        return self.repositories / f"{team}.git"

    async def _is_full(self, team: str) -> bool:
        taken_bytes = await self.threads.run(stored_bytes, self._repository(team))
        return taken_bytes > self.max_repository_bytes

    def _asked(self, exchange: Exchange, request: GitRequest, member: Member) -> BackendRequest:
        # Of a compressed body git gets the content, unpacked.
        left_out = "content-length" if "content-encoding" in exchange.headers else ""
        return BackendRequest(
            repositories=self.repositories,
            path=request.backend_path,
            method="GET" if request.is_advertisement else "POST",
            query=request.query,
            user=member.username,
            headers={name: value for name, value in exchange.headers.items() if name != left_out},
            variables={
                **self.variables,
                "DIYCHALLENGE_USERNAME": member.username,
                "DIYCHALLENGE_TEAM": request.team,
            },
            bounds=self.bounds,
        )
