"""What evaluation hosts ask of the platform, over HTTPS with their certificate: a desk for them."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from anyio import CancelScope, to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from blueprint.desk.archive import pack
from blueprint.desk.messages import (
    MAX_QUESTION_BYTES,
    MAX_RESULT_BYTES,
    PREFIX,
    AdvanceQuestion,
    CodeQuestion,
    FailQuestion,
    KeepAnswer,
    KeepQuestion,
    LeaseQuestion,
    MessageError,
    Problem,
    RecordQuestion,
    ReleaseQuestion,
    decode,
    encode,
)
from blueprint.desk.port import CodeError, Desk
from blueprint.desk.results import ResultError
from blueprint.desk.ticket import Hold
from blueprint.errors import BlueprintError
from blueprint.evaluate.feedback import printable
from blueprint.ledger.outcomes import AttemptFault, LostLease
from blueprint.threads import BusyError, Threads

_THREADS, _WAIT_S = 8, 20.0
_LARGE, _READ_S = 4, 120.0
"""How many results of many MiB are held at a time, and how long one may take to come."""
_log = logging.getLogger(__name__)
Question = TypeVar("Question")
CERTIFICATE = "certificate"
"""The key in the connection's state that holds the client's certificate (DER)."""
Identify = Callable[[bytes], str | None]
"""Returns the name of the worker with a certificate, None when it is not known."""


class _NotYoursError(BlueprintError):
    """A worker speaks for another one."""


def make_runner_api(
    desk: Desk, identify: Identify, *, wake: Callable[[], None], spool: Path
) -> Starlette:
    """Return the API.

    Args:
        desk: What is asked.
        identify: Looks a certificate up, at each question: a removed worker is shut out at once.
        wake: Called when a submission moved.
        spool: An existing folder, in which files lie for as long as they are sent.
    """

    def lease(worker: str, asked: LeaseQuestion) -> Response:
        ticket = desk.lease(_own(worker, asked.worker), asked.offers)
        return Response(status_code=204) if ticket is None else _document(ticket)

    def keep(worker: str, asked: KeepQuestion) -> Response:
        note = None if asked.note is None else _line(asked.note)
        hold = _own_hold(worker, asked.hold)
        log = None if asked.log is None else printable(asked.log)
        return _document(KeepAnswer(desk.keep(hold, note=note, log=log)))

    def advance(worker: str, asked: AdvanceQuestion) -> Response:
        desk.advance(_own_hold(worker, asked.hold), asked.to, _line(asked.note))
        return _moved(wake)

    def fail(worker: str, asked: FailQuestion) -> Response:
        said = asked.fault
        fault = AttemptFault(said.class_, said.code, printable(said.message))
        desk.fail(_own_hold(worker, asked.hold), fault, log=printable(asked.log or ""))
        return _moved(wake)

    def record(worker: str, asked: RecordQuestion) -> Response:
        desk.record(_own_hold(worker, asked.hold), asked.result, log=printable(asked.log or ""))
        return _moved(wake)

    def release(worker: str, asked: ReleaseQuestion) -> Response:
        desk.release(_own(worker, asked.worker))
        return _moved(wake)

    def code(worker: str, asked: CodeQuestion) -> Response:
        hold = _own_hold(worker, asked.hold)
        folder = Path(tempfile.mkdtemp(prefix="code-", dir=spool))
        try:
            desk.fetch_code(hold, folder)
        except BaseException:
            shutil.rmtree(folder)
            raise
        return _Archive(folder)

    route = _Routes(identify)
    return Starlette(
        routes=[
            route("lease", LeaseQuestion, lease),
            route("keep", KeepQuestion, keep),
            route("advance", AdvanceQuestion, advance),
            route("code", CodeQuestion, code),
            route("fail", FailQuestion, fail),
            route("record", RecordQuestion, record, max_bytes=MAX_RESULT_BYTES),
            route("release", ReleaseQuestion, release),
        ]
    )


class _Routes:
    """Makes routes that know who asks, read the question, and put refusals into words."""

    def __init__(self, identify: Identify) -> None:
        self._identify = identify
        self._threads = Threads(_THREADS, wait_s=_WAIT_S)
        self._large = asyncio.Semaphore(_LARGE)

    @asynccontextmanager
    async def _read(self, request: Request, max_bytes: int) -> AsyncIterator[bytes | None]:
        """Give a question's bytes, None where they are too many; few large ones at a time.

        Raises:
            TimeoutError: It did not come, or had no place, in time.
        """
        body = bytearray()
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(_READ_S):
                try:
                    async for chunk in request.stream():
                        was_small = len(body) <= MAX_QUESTION_BYTES
                        body += chunk
                        if len(body) > max_bytes:
                            break
                        if was_small and len(body) > MAX_QUESTION_BYTES:
                            await stack.enter_async_context(self._large)
                except ClientDisconnect:  # nobody reads the answer
                    max_bytes = -1
            yield bytes(body) if len(body) <= max_bytes else None

    def __call__(
        self,
        name: str,
        kind: type[Question],
        answer: Callable[[str, Question], Response],
        *,
        max_bytes: int = MAX_QUESTION_BYTES,
    ) -> Route:
        def judged(certificate: bytes, body: bytes) -> Response:
            worker = self._identify(certificate)
            if worker is None:
                return _problem(403, Problem("worker", "this certificate is not known here"))
            return _judged(lambda: answer(worker, decode(kind, body)))

        async def endpoint(request: Request) -> Response:
            certificate = request.scope.get("state", {}).get(CERTIFICATE)
            if certificate is None:
                return _problem(403, Problem("worker", "no certificate was shown"))
            try:
                async with self._read(request, max_bytes) as body:
                    if body is None:
                        return _problem(413, Problem("message", f"more than {max_bytes} bytes"))
                    return await self._threads.run(judged, certificate, body)
            except (BusyError, TimeoutError):
                return _problem(503, Problem("busy", "too much is asked at once: ask again"))

        return Route(f"{PREFIX}/{name}", endpoint, methods=["POST"])


def _judged(answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except (MessageError, ResultError, ValueError) as error:
        return _problem(400, Problem("message", str(error)[:4000]))
    except _NotYoursError as error:
        return _problem(403, Problem("worker", str(error)))
    except LostLease as error:
        return _problem(409, Problem("lost", str(error)))
    except CodeError as error:
        return _problem(422, Problem("code", str(error)))


def _own(worker: str, named: str) -> str:
    """Return the name that a worker gives itself: its certificate's, or a place of it."""
    if named.partition("/")[0] != worker:
        raise _NotYoursError(f"the certificate is that of {worker}, not of {named}")
    return named


def _own_hold(worker: str, hold: Hold) -> Hold:
    _own(worker, hold.worker)
    return hold


def _line(note: str) -> str:
    return " ".join(printable(note).split())


def _moved(wake: Callable[[], None]) -> Response:
    wake()
    return Response(status_code=204)


def _document(message: object) -> Response:
    return Response(encode(message), media_type="application/json")


def _problem(status: int, problem: Problem) -> Response:
    _log.info("runner API: %d %s", status, problem.text)
    return Response(encode(problem), status, media_type="application/json")


class _Archive(StreamingResponse):
    """A folder as a tar; it is removed, however the sending ends."""

    def __init__(self, folder: Path) -> None:
        super().__init__(pack(folder), media_type="application/x-tar")
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(shutil.rmtree, self._folder)
