"""What the hooks and the command line ask of the running platform, over its Unix socket."""

import logging
from collections.abc import Callable
from datetime import datetime

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from blueprint.intake.answers import Answer
from blueprint.intake.confirmation import answer_post_receive
from blueprint.intake.hook_protocol import MAX_BODY_BYTES
from blueprint.intake.push import answer_pre_receive
from blueprint.platform import Platform

_ACCEPT, _REFUSE = 200, 409
_log = logging.getLogger(__name__)


def make_internal_api(platform: Platform, wake: Callable[[], None]) -> Starlette:
    """Return the API; `wake` is called when the database changed."""

    async def pre_receive(request: Request) -> Response:
        return await _judged(platform, request, answer_pre_receive)

    async def post_receive(request: Request) -> Response:
        response = await _judged(platform, request, answer_post_receive)
        wake()
        return response

    async def woken(_request: Request) -> Response:
        wake()
        return PlainTextResponse("ok\n")

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    return Starlette(
        routes=[
            Route("/hook/v1/pre-receive", pre_receive, methods=["POST"]),
            Route("/hook/v1/post-receive", post_receive, methods=["POST"]),
            Route("/wake", woken, methods=["POST"]),
            Route("/healthz", healthz),
        ]
    )


async def _judged(
    platform: Platform, request: Request, judge: Callable[[Platform, bytes, datetime], Answer]
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
    answer = await to_thread.run_sync(judge, platform, bytes(body), platform.clock())
    _log.info("push: %s", answer.text.strip().partition("\n")[0])
    return PlainTextResponse(answer.text, _ACCEPT if answer.accept else _REFUSE)
