"""One git request and its answer: git's own, or a refusal in the form that git shows."""

import asyncio
import contextlib
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from blueprint.adapters.git_http import GitHttpBackend
from blueprint.errors import ToolError
from blueprint.serve.git_body import Body
from blueprint.serve.git_gate import RefusedError
from blueprint.serve.git_paths import GitRequest
from blueprint.serve.git_refusal import (
    MAX_COMMANDS,
    CommandCounter,
    fetch_refusal,
    push_refusal,
    pushed_refs,
)
from blueprint.serve.git_requests import NOTHING_STORED
from blueprint.serve.patience import Patience

_DRAIN_BYTES, _DRAIN_S = 4 * 1024**3, 60.0
_STRANGERS_DRAIN_BYTES, _STRANGERS_DRAIN_S = 2 * 1024**2, 2.0
_STRANGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_GZIP = ("gzip", "x-gzip")
_MEBIBYTE = 1024**2


class Exchange:
    """A request as it came, and the way back to whoever sent it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.send = send
        self.headers = Headers(scope=scope)
        self.body = Body(receive, is_gzip=self.headers.get("content-encoding") in _GZIP)
        self.request: GitRequest | None = None
        """None until it is git's, and from somebody who may."""
        self.is_begun = False
        """True once the answer's head is on its way."""

    async def refuse(self, refusal: RefusedError) -> None:
        """Answer so that git's client shows the words.

        git shows the body of an HTTP error where it asks for the refs, and nowhere else; to what
        follows a member is answered in git's own formats, and heard to the end before.
        """
        request = self.request
        if request is None or request.is_advertisement or refusal.status in _STRANGERS:
            response: Response = PlainTextResponse(refusal.text + "\n", refusal.status)
            if refusal.status == HTTPStatus.UNAUTHORIZED:
                response.headers["www-authenticate"] = 'Basic realm="git token", charset="UTF-8"'
            is_heard = self.scope["method"] != "POST" or (
                self.headers.get("expect", "").lower() != "100-continue"
                and await self.body.drain(
                    max_bytes=_STRANGERS_DRAIN_BYTES, max_s=_STRANGERS_DRAIN_S
                )
            )
        else:
            is_heard = await self.body.drain(max_bytes=_DRAIN_BYTES, max_s=_DRAIN_S)
            refs = pushed_refs(self.body.head)
            told = push_refusal(refusal.text, refusal.verdict, refs) if request.is_push else b""
            media_type = f"application/x-{request.service}-result"
            response = Response(told or fetch_refusal(refusal.text), media_type=media_type)
            response.headers["cache-control"] = "no-cache"
        if not is_heard:
            response.headers["connection"] = "close"
        if not self.is_begun:  # what was cut must not look like a whole answer
            await response(self.scope, self.body.receive, self.send)


async def feed(exchange: Exchange, backend: GitHttpBackend, *, max_bytes: int, what: str) -> None:
    """Pass the whole body to the backend and close its input.

    When the backend stops reading, it has made up its mind: the rest is dropped, and its
    answer stands.

    Raises:
        RefusedError: It is larger, or of more commands, than may be.
    """
    commands, read_bytes, is_reading = CommandCounter(), 0, True
    async for chunk in exchange.body.content():
        read_bytes += len(chunk)
        if max(read_bytes, exchange.body.raw_bytes) > max_bytes:
            raise _too_much(what, f"larger than {max_bytes // _MEBIBYTE} MiB")
        commands.read(chunk)
        if commands.is_too_many and what == "push":
            raise _too_much(what, f"of more than {MAX_COMMANDS} refs")
        if chunk and is_reading:
            try:
                await backend.write(chunk)
            except OSError:
                is_reading = False
    backend.close_input()


async def relay(exchange: Exchange, backend: GitHttpBackend) -> None:
    """Stream the backend's answer; a client that goes away, or does not read, ends the backend.

    Raises:
        ToolError: The backend gave no proper answer.
    """
    watch = asyncio.create_task(_kill_when_gone(exchange.body, backend))
    patience = Patience()
    try:
        head = await backend.read_head()
        headers = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in head.headers]
        exchange.is_begun = True
        start = {"type": "http.response.start", "status": head.status, "headers": headers}
        await exchange.send(start)
        while chunk := await backend.read():
            part = {"type": "http.response.body", "body": chunk, "more_body": True}
            await patience.wait(exchange.send(part))
            patience.earn(len(chunk))
        if not backend.was_killed:
            await exchange.send({"type": "http.response.body", "body": b"", "more_body": False})
    except ToolError:
        if backend.was_killed:
            raise ClientDisconnect from None
        raise
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch


async def _kill_when_gone(body: Body, backend: GitHttpBackend) -> None:
    await body.wait_gone()
    backend.kill()


def _too_much(what: str, bound: str) -> RefusedError:
    text = f"refused: this {what} is {bound}, the most that is taken at once."
    return RefusedError(413, f"{text}\n{NOTHING_STORED}", bound)
