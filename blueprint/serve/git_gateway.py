"""Serves the teams' repositories over smart HTTP, to approved members of the team alone."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from blueprint.adapters.git import remove_leftovers, stored_bytes
from blueprint.adapters.git_http import BackendRequest, GitBounds, GitHttpBackend
from blueprint.errors import ToolError
from blueprint.serve.git_body import Body, Fed, feed
from blueprint.serve.git_commands import MAX_COMMANDS, CommandCounter
from blueprint.serve.git_gate import Gate, Member, Refusal
from blueprint.serve.git_paths import GitRequest, NotServed, parse_git_request
from blueprint.serve.git_relay import Exchange, relay
from blueprint.serve.git_requests import LiveRequests, NoTurnError, Place
from blueprint.serve.live_pushes import LivePushes
from blueprint.threads import BusyError, Threads

MAX_FETCH_REQUEST_BYTES = 10 * 1024**2
REQUEST_S = 1_800.0
_THREADS = 4
_THREAD_WAIT_S = 30.0
_GZIP = ("gzip", "x-gzip")
_MEBIBYTE = 1024**2
_NOTHING_STORED = "refused: nothing was stored, and no quota was used."
_FULL = Refusal(
    403, "refused: the repository holds all that it may; nothing was stored. Ask the organizers."
)
_BUSY = Refusal(
    503, f"refused: the platform is busy; try again in a minute.\n{_NOTHING_STORED}", "try again"
)
_WITHDRAWN = Refusal(403, "refused: your access was withdrawn")
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
        headers = Headers(scope=scope)
        body = Body(receive, is_gzip=headers.get("content-encoding", "") in _GZIP)
        request = parse_git_request(
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            headers.get("content-type", ""),
        )
        if isinstance(request, NotServed):
            exchange = Exchange(None, body, scope, send)
            await exchange.refuse_plainly(Refusal(request.status, request.reason))
            return
        exchange = Exchange(request, body, scope, send)
        try:
            member = await self.gate.admit(headers.get("authorization", ""), request.team)
        except BusyError:
            member = _BUSY
        if isinstance(member, Refusal):
            await exchange.refuse_plainly(member)
        else:
            await self._in_turn(request, exchange, member)

    async def _in_turn(self, request: GitRequest, exchange: Exchange, member: Member) -> None:
        try:
            async with self.live.turn(member, request.team) as place:
                with self.pushes.running(request.team) if request.is_push else nullcontext():
                    await self._run(request, exchange, member, place)
        except BusyError:
            await exchange.refuse(_BUSY)
        except NoTurnError as error:
            _log.warning("%s: a git request was refused, %s", member.username, error)
            text = f"refused: {error}; try again in a minute.\n{_NOTHING_STORED}"
            await exchange.refuse(Refusal(429, text, "try again in a minute"))
        finally:
            if self.live.is_to_tidy(request.team):
                # Here and now, on the event loop: nothing can begin in the repository meanwhile.
                remove_leftovers(self._repository(request.team))

    async def _run(
        self, request: GitRequest, exchange: Exchange, member: Member, place: Place
    ) -> None:
        """Serve a request that has its turn."""
        # Asked again: the turn may have been long in coming, and from here on the place is seen.
        if not await self.gate.is_admitted(member):
            await exchange.refuse_plainly(_WITHDRAWN)
            return
        if request.service == "git-receive-pack" and await self._is_full(request.team):
            await exchange.refuse(_FULL)
            return
        try:
            backend = await GitHttpBackend.start(self._asked(request, member, exchange.headers))
        except ToolError as error:
            await exchange.refuse(Refusal(503, f"refused: {error}"))
            return
        place.take(backend)
        try:
            async with asyncio.timeout(REQUEST_S):
                refusal = await self._serve(request, exchange, backend)
            if place.is_ended:
                await exchange.refuse_plainly(_WITHDRAWN)
            elif refusal is not None:
                await exchange.refuse(refusal)
        except TimeoutError:
            return  # uvicorn closes a connection whose answer is not complete
        finally:
            await backend.end()

    async def _serve(
        self, request: GitRequest, exchange: Exchange, backend: GitHttpBackend
    ) -> Refusal | None:
        """Pass the body on and the answer back; return why there is none, if there is a why."""
        max_bytes = self.max_push_bytes if request.is_push else MAX_FETCH_REQUEST_BYTES
        commands = CommandCounter() if request.is_push else None
        fed = await feed(exchange.body, backend, max_bytes=max_bytes, commands=commands)
        if fed is Fed.GONE or backend.was_killed:
            return None
        if fed is Fed.WHOLE:
            return await relay(exchange, backend)
        # Killed first: while it lives, it may still be writing objects.
        await backend.end()
        is_large = fed is Fed.TOO_LARGE
        size = f"{max_bytes // _MEBIBYTE} MiB"
        bound = f"larger than {size}" if is_large else f"of more than {MAX_COMMANDS} refs"
        what = "push" if request.is_push else "request"
        text = f"refused: this {what} is {bound}, the most that is taken at once."
        return Refusal(413, f"{text}\n{_NOTHING_STORED}", bound)

    def _repository(self, team: str) -> Path:
        return self.repositories / f"{team}.git"

    async def _is_full(self, team: str) -> bool:
        taken_bytes = await self.threads.run(stored_bytes, self._repository(team))
        return taken_bytes > self.max_repository_bytes

    def _asked(self, request: GitRequest, member: Member, headers: Headers) -> BackendRequest:
        # Of a compressed body git gets the content, unpacked.
        is_packed = "content-encoding" in headers
        passed = {k: v for k, v in headers.items() if not (is_packed and k == "content-length")}
        return BackendRequest(
            repositories=self.repositories,
            path=request.backend_path,
            method="GET" if request.is_advertisement else "POST",
            query=request.query,
            user=member.username,
            headers=passed,
            variables={
                **self.variables,
                "DIYCHALLENGE_USERNAME": member.username,
                "DIYCHALLENGE_TEAM": request.team,
            },
            bounds=self.bounds,
        )
