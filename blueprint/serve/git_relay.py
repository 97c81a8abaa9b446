"""One git request and its answer: git's own, or a refusal in the form that git shows."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Scope, Send

from blueprint.adapters.git_http import GitHttpBackend
from blueprint.errors import ToolError
from blueprint.serve.git_body import MIN_BYTES_PER_S, PAUSE_S, Body
from blueprint.serve.git_gate import Refusal
from blueprint.serve.git_paths import GitRequest
from blueprint.serve.git_refusal import fetch_refusal, push_refusal, pushed_refs
from blueprint.serve.patience import Patience

_REFUSED_DRAIN_BYTES = 2 * 1024**2
_REFUSED_DRAIN_S = 2.0
_log = logging.getLogger(__name__)


@dataclass
class Exchange:
    """A request as it came, and the way back to whoever sent it."""

    request: GitRequest | None
    """None: it is none of git's."""
    body: Body
    scope: Scope
    send: Send
    is_begun: bool = False
    """True once the answer's head is on its way."""

    @property
    def headers(self) -> Headers:
        """The request's headers."""
        return Headers(scope=self.scope)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer so that git's client shows the words; a member is heard to the end first.

        git shows the body of an HTTP error where it asks for the refs, and nowhere else; to what
        follows it is answered in its own formats.
        """
        if self.request is None or self.request.is_advertisement:
            await self.refuse_plainly(refusal)
            return
        is_drained = await self.body.drain()
        refs = pushed_refs(self.body.head)
        is_push = self.request.is_push
        told = push_refusal(refusal.text, refusal.verdict, refs) if is_push else b""
        response = Response(
            told or fetch_refusal(refusal.text),
            media_type=f"application/x-{self.request.service}-result",
        )
        response.headers["cache-control"] = "no-cache"
        await self._answer(response, is_drained=is_drained)

    async def refuse_plainly(self, refusal: Refusal) -> None:
        """Answer in words; what the client still sends is read up to a small bound."""
        response = PlainTextResponse(refusal.text + "\n", refusal.status)
        if refusal.status == HTTPStatus.UNAUTHORIZED:
            response.headers["www-authenticate"] = 'Basic realm="git token", charset="UTF-8"'
        is_drained = self.scope["method"] != "POST"
        if not is_drained and self.headers.get("expect", "").lower() != "100-continue":
            is_drained = await self.body.drain(
                max_bytes=_REFUSED_DRAIN_BYTES, max_s=_REFUSED_DRAIN_S
            )
        await self._answer(response, is_drained=is_drained)

    async def pass_on(self, message: Message) -> None:
        """Send a part of the answer."""
        self.is_begun = True
        await self.send(message)

    async def _answer(self, response: Response, *, is_drained: bool) -> None:
        if self.is_begun:
            return  # what was cut must not look like a whole answer
        if not is_drained:
            response.headers["connection"] = "close"
        await response(self.scope, self.body.receive, self.send)


async def relay(exchange: Exchange, backend: GitHttpBackend) -> Refusal | None:
    """Stream the backend's answer; a client that goes away, or does not read, ends the backend."""
    watch = asyncio.create_task(_kill_when_gone(exchange.body, backend))
    patience = Patience(pause_s=PAUSE_S, bytes_per_s=MIN_BYTES_PER_S)
    try:
        head = await backend.read_head()
        headers = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in head.headers]
        await exchange.pass_on(
            {"type": "http.response.start", "status": head.status, "headers": headers}
        )
        while chunk := await backend.read():
            part = {"type": "http.response.body", "body": chunk, "more_body": True}
            await patience.wait(exchange.pass_on(part))
            patience.earn(len(chunk))
        if not backend.was_killed:
            await exchange.pass_on({"type": "http.response.body", "body": b"", "more_body": False})
    except ToolError as error:
        if backend.was_killed:
            return None
        _log.warning("%s", error)
        return Refusal(500, "refused: git failed on the server; try again", "git failed")
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
    return None


async def _kill_when_gone(body: Body, backend: GitHttpBackend) -> None:
    await body.wait_gone()
    backend.kill()
