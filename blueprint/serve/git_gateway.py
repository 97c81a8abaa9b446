"""Serves the teams' repositories over smart HTTP, to approved members of the team alone."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from blueprint.adapters.git import remove_leftovers, stored_bytes
from blueprint.adapters.git_http import BackendRequest, GitBounds, GitHttpBackend
from blueprint.errors import ToolError
from blueprint.serve.git_body import Body, Fed, feed
from blueprint.serve.git_commands import MAX_COMMANDS, CommandCounter
from blueprint.serve.git_paths import GitRequest, NotServed, parse_git_request
from blueprint.serve.git_refusal import push_refusal, pushed_refs
from blueprint.serve.git_requests import LiveRequests, Place
from blueprint.serve.live_pushes import LivePushes

MAX_FETCH_REQUEST_BYTES = 10 * 1024**2
REQUEST_S = 1_800.0
_GZIP = ("gzip", "x-gzip")
_REFUSED_DRAIN_BYTES = 2 * 1024**2
_REFUSED_DRAIN_S = 2.0
_MEBIBYTE = 1024**2
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Member:
    """A person who may use a team's repository now."""

    person_id: int
    username: str


@dataclass(frozen=True)
class Refusal:
    """Why somebody may not, as an HTTP status and a sentence that git shows to its user."""

    status: int
    text: str


_FULL = Refusal(
    403, "refused: the repository holds all that it may; nothing was stored. Ask the organizers."
)
_WITHDRAWN = Refusal(403, "refused: your access was withdrawn")


class Gate(Protocol):
    """Decides who may use which repository."""

    async def admit(self, authorization: str, team: str) -> Member | Refusal:
        """Judge the `Authorization` header for a team; make its repository when absent."""
        ...


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
            await _refuse(Refusal(request.status, request.reason), scope, body, send)
            return
        member = await self.gate.admit(headers.get("authorization", ""), request.team)
        if isinstance(member, Member) and self.live.is_full(member.person_id):
            member = Refusal(429, "too many git requests are running: try again in a minute")
        if isinstance(member, Refusal):
            await _refuse(member, scope, body, send)
            return
        try:
            with self.live.holding(member.person_id, request.team) as place:
                asked = self._backend_request(request, member, headers)
                with self.pushes.running(request.team) if request.is_push else nullcontext():
                    await self._run(request, body, scope, send, asked=asked, place=place)
        finally:
            if self.live.is_to_tidy(request.team):
                # Here and now, on the event loop: nothing can begin in the repository meanwhile.
                remove_leftovers(self._repository(request.team))

    async def _run(
        self,
        request: GitRequest,
        body: Body,
        scope: Scope,
        send: Send,
        *,
        asked: BackendRequest,
        place: Place,
    ) -> None:
        if request.service == "git-receive-pack" and await self._is_full(request.team):
            await _refuse(_FULL, scope, body, send)
            return
        try:
            backend = await GitHttpBackend.start(asked)
        except ToolError as error:
            await _refuse(Refusal(503, str(error)), scope, body, send)
            return
        place.take(backend)
        try:
            async with asyncio.timeout(REQUEST_S):
                await self._exchange(request, body, backend, scope, send)
        except TimeoutError:
            return  # uvicorn closes a connection whose answer is not complete
        finally:
            await backend.end()

    def _repository(self, team: str) -> Path:
        return self.repositories / f"{team}.git"

    async def _is_full(self, team: str) -> bool:
        taken_bytes = await to_thread.run_sync(stored_bytes, self._repository(team))
        return taken_bytes > self.max_repository_bytes

    def _backend_request(
        self, request: GitRequest, member: Member, headers: Headers
    ) -> BackendRequest:
        return BackendRequest(
            repositories=self.repositories,
            path=request.backend_path,
            method="GET" if request.is_advertisement else "POST",
            query=request.query,
            user=member.username,
            headers=_headers_for_git(headers),
            variables={
                **self.variables,
                "DIYCHALLENGE_USERNAME": member.username,
                "DIYCHALLENGE_TEAM": request.team,
            },
            bounds=self.bounds,
        )

    async def _exchange(
        self, request: GitRequest, body: Body, backend: GitHttpBackend, scope: Scope, send: Send
    ) -> None:
        max_bytes = self.max_push_bytes if request.is_push else MAX_FETCH_REQUEST_BYTES
        commands = CommandCounter() if request.is_push else None
        fed = await feed(body, backend, max_bytes=max_bytes, commands=commands)
        if backend.was_killed:
            await _refuse(_WITHDRAWN, scope, body, send)
            return
        if fed is Fed.GONE:
            return
        if fed in (Fed.TOO_LARGE, Fed.TOO_MANY):
            # Killed first: while it lives, it may still be writing objects.
            await backend.end()
            if not request.is_push:
                await _refuse(Refusal(413, "the request is too large"), scope, body, send)
                return
            size = f"{self.max_push_bytes // _MEBIBYTE} MiB"
            is_large = fed is Fed.TOO_LARGE
            bound = f"larger than {size}" if is_large else f"of more than {MAX_COMMANDS} refs"
            await _refuse_push(bound, body, scope, send)
            return
        await _relay(body, backend, scope, send)


async def _refuse_push(bound: str, body: Body, scope: Scope, send: Send) -> None:
    """Answer a push that is beyond a bound in git's own format, once it was all sent."""
    text = (
        f"refused: this push is {bound}, the most that is taken at once.\n"
        "refused: nothing was stored, and no quota was used."
    )
    is_drained = await body.drain()
    response = Response(
        push_refusal(text, bound, pushed_refs(body.head)),
        media_type="application/x-git-receive-pack-result",
    )
    response.headers["cache-control"] = "no-cache"
    if not is_drained:
        response.headers["connection"] = "close"
    await response(scope, body.receive, send)


def _headers_for_git(headers: Headers) -> dict[str, str]:
    """Return the client's headers; of a compressed body git gets the content, unpacked."""
    is_packed = "content-encoding" in headers
    return {k: v for k, v in headers.items() if not (is_packed and k == "content-length")}


async def _relay(body: Body, backend: GitHttpBackend, scope: Scope, send: Send) -> None:
    """Stream the backend's answer; a client that goes away ends the backend."""
    watch = asyncio.create_task(_kill_when_gone(body, backend))
    try:
        head = await backend.read_head()
        headers = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in head.headers]
        await send({"type": "http.response.start", "status": head.status, "headers": headers})
        while chunk := await backend.read():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if not backend.was_killed:  # a cut answer must not look like a whole one
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    except ToolError as error:
        if backend.was_killed:
            await _refuse(_WITHDRAWN, scope, body, send)
            return
        _log.warning("%s", error)
        await _refuse(Refusal(500, "git failed on the server; try again"), scope, body, send)
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch


async def _kill_when_gone(body: Body, backend: GitHttpBackend) -> None:
    await body.wait_gone()
    backend.kill()


async def _refuse(refusal: Refusal, scope: Scope, body: Body, send: Send) -> None:
    """Answer in words; what the client still sends is read up to a small bound."""
    response = PlainTextResponse(refusal.text + "\n", refusal.status)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        response.headers["www-authenticate"] = 'Basic realm="git token", charset="UTF-8"'
    has_body = scope["method"] == "POST" and not _expects_continue(scope)
    if scope["method"] == "POST" and not (
        has_body and await body.drain(max_bytes=_REFUSED_DRAIN_BYTES, max_s=_REFUSED_DRAIN_S)
    ):
        response.headers["connection"] = "close"
    await response(scope, body.receive, send)


def _expects_continue(scope: Scope) -> bool:
    return Headers(scope=scope).get("expect", "").lower() == "100-continue"
