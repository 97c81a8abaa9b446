"""What git's hooks and the command line ask of the running platform: over a socket, or a token."""

import hashlib
import hmac
import logging
from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from blueprint.intake.answers import Answer
from blueprint.intake.confirmation import answer_post_receive
from blueprint.intake.hook_protocol import MAX_BODY_BYTES
from blueprint.intake.push import answer_pre_receive
from blueprint.platform import Platform
from blueprint.serve.health import Health
from blueprint.threads import BusyError, Threads

_ACCEPT, _REFUSE, _UNWELL = 200, 409, 503
_THREADS = 8
_WAIT_S = 15.0
"""The hook itself waits 20 s."""
_log = logging.getLogger(__name__)


def make_internal_api(platform: Platform, wake: Callable[[], None], health: Health) -> Starlette:
    """Return the API for the Unix socket: whoever can open that is trusted.

    `wake` is called when the database changed.
    """

    async def woken(_request: Request) -> Response:
        wake()
        return PlainTextResponse("ok\n")

    async def healthz(_request: Request) -> Response:
        faults = health.faults()
        return JSONResponse({"faults": faults}, _UNWELL if faults else _ACCEPT)

    others = [Route("/wake", woken, methods=["POST"]), Route("/healthz", healthz)]
    return Starlette(routes=[*_hook_routes(platform, wake), *others])


def make_hook_api(platform: Platform, wake: Callable[[], None], token: str) -> ASGIApp:
    """Return the hooks' part of the API for git servers elsewhere, which know the token.

    Args:
        platform: Whose repositories they have.
        wake: Called when the database changed.
        token: What `Authorization: Bearer` has to carry; at least 32 characters.

    Raises:
        ValueError: The token is short enough to be guessed.
    """
    if len(token) < 32:  # noqa: PLR2004 (said above)
        raise ValueError("a token of the hooks has at least 32 characters")
    return _TokenDoor(Starlette(routes=_hook_routes(platform, wake)), token)


class _TokenDoor:
    def __init__(self, inner: ASGIApp, token: str) -> None:
        self._inner = inner
        self._wanted = _digest(f"Bearer {token}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("authorization", "")
        # Digests of one length, compared in constant time: nothing of the token can be measured.
        if hmac.compare_digest(_digest(given), self._wanted):
            await self._inner(scope, receive, send)
        else:
            _log.warning("a hook came without the right token")
            await PlainTextResponse("the hook's token is not right\n", 401)(scope, receive, send)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _hook_routes(platform: Platform, wake: Callable[[], None]) -> list[Route]:
    threads = Threads(_THREADS, wait_s=_WAIT_S)

    async def pre_receive(request: Request) -> Response:
        return await _judged(platform, threads, request, answer_pre_receive)

    async def post_receive(request: Request) -> Response:
        response = await _judged(platform, threads, request, answer_post_receive)
        wake()
        return response

    return [
        Route("/hook/v2/pre-receive", pre_receive, methods=["POST"]),
        Route("/hook/v2/post-receive", post_receive, methods=["POST"]),
    ]


async def _judged(
    platform: Platform,
    threads: Threads,
    request: Request,
    judge: Callable[[Platform, bytes, datetime], Answer],
) -> Response:
    """Return the verdict on a push; the hook prints its text."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return PlainTextResponse("refused: the hook's report is too large\n", _REFUSE)
    except ClientDisconnect:
        return PlainTextResponse("", _REFUSE)
    try:
        answer = await threads.run(judge, platform, bytes(body), platform.clock())
    except BusyError:
        return PlainTextResponse("", _UNWELL)  # the hook says what to do
    _log.info("push: %s", answer.text.strip().partition("\n")[0])
    return PlainTextResponse(answer.text, _ACCEPT if answer.accept else _REFUSE)
