"""Evaluation hosts that ask much at once take neither all threads nor all memory of a platform."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from anyio import to_thread
from starlette.applications import Starlette
from starlette.types import Message, Scope

from blueprint.desk.messages import MAX_QUESTION_BYTES, CodeQuestion, encode
from blueprint.serve import runner_api
from blueprint.serve.ledger_desk import LedgerDesk
from blueprint.serve.runner_api import CERTIFICATE, Identify, make_runner_api
from tests.integration.desk.counter import Counter
from tests.integration.desk.test_desk_contract import leased
from tests.integration.evaluation.bench import Bench

MakeApi = Callable[[Identify], Starlette]


@pytest.fixture
def make_api(bench: Bench, tmp_path: Path) -> MakeApi:
    desk = LedgerDesk(bench.platform)
    return lambda identify: make_runner_api(desk, identify, wake=lambda: None, spool=tmp_path)


async def ask(api: Starlette, question: str, body: AsyncIterator[bytes]) -> int:
    """Ask as the server does for a connection that showed a certificate; return the status."""
    said: list[Message] = []

    async def receive() -> Message:
        chunk = await anext(body, b"")
        return {"type": "http.request", "body": chunk, "more_body": chunk != b""}

    async def send(message: Message) -> None:
        said.append(message)

    await api(scope_of(question), receive, send)
    return int(said[0]["status"])


def scope_of(question: str) -> Scope:
    return {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "https",
        "path": f"/runner/v1/{question}", "raw_path": b"", "query_string": b"", "root_path": "",
        "headers": [], "state": {CERTIFICATE: b"shown"},
    }  # fmt: skip


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_questions_that_hang_leave_everybody_else_their_threads(make_api: MakeApi) -> None:
    released = threading.Event()

    def hang(_certificate: bytes) -> None:
        released.wait(60)

    async def look() -> list[int]:
        api = make_api(hang)
        # As many as anyio has threads for whoever names no limiter of their own.
        asked = [asyncio.create_task(ask(api, "lease", pieces(b"{}"))) for _ in range(40)]
        await asyncio.sleep(0.5)
        try:
            assert await asyncio.wait_for(to_thread.run_sync(lambda: "done"), 10) == "done"
        finally:
            released.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(look()) == [403] * 40  # each had its turn in the end


def test_a_question_without_a_thread_in_time_is_to_be_asked_again(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_api, "_WAIT_S", 0.2)
    released = threading.Event()

    def hang(_certificate: bytes) -> None:
        released.wait(60)

    async def look() -> list[int]:
        api = make_api(hang)
        asked = [asyncio.create_task(ask(api, "keep", pieces(b"{}"))) for _ in range(10)]
        await asyncio.sleep(2)
        released.set()
        return await asyncio.gather(*asked)

    assert sorted(asyncio.run(look())) == [403] * 8 + [503] * 2


def test_few_large_results_are_held_at_a_time_and_all_are_answered(make_api: MakeApi) -> None:
    held: list[int] = []

    async def look() -> list[int]:
        api, more = make_api(lambda _: None), asyncio.Event()

        async def large(number: int) -> AsyncIterator[bytes]:
            yield b" " * MAX_QUESTION_BYTES
            yield b" "
            held.append(number)  # what is asked for beyond the size of other questions
            await more.wait()
            yield b" " * MAX_QUESTION_BYTES

        asked = [asyncio.create_task(ask(api, "record", large(number))) for number in range(7)]
        await asyncio.sleep(1)
        try:
            assert len(held) == 4
        finally:
            more.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(look()) == [403] * 7
    assert len(held) == 7


def test_whoever_sends_a_result_too_slowly_gives_its_place_up(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_api, "_READ_S", 0.5)

    async def slow() -> AsyncIterator[bytes]:
        yield b" " * (MAX_QUESTION_BYTES + 1)
        await asyncio.sleep(60)

    async def look() -> list[int]:
        api = make_api(lambda _: None)
        stuck = await asyncio.gather(*(ask(api, "record", slow()) for _ in range(4)))
        return [*stuck, await ask(api, "record", pieces(b" " * (MAX_QUESTION_BYTES + 1)))]

    assert asyncio.run(look()) == [503] * 4 + [403]


def test_files_leave_the_spool_when_their_host_is_gone_before_the_first(
    bench: Bench, tmp_path: Path
) -> None:
    spool = tmp_path / "files"
    spool.mkdir()
    desk = LedgerDesk(bench.platform)
    ticket = leased(Counter(desk, desk, bench))
    api = make_runner_api(desk, lambda _: "gpu-1", wake=lambda: None, spool=spool)
    came: list[Message] = [
        {"type": "http.request", "body": encode(CodeQuestion(ticket.hold)), "more_body": False},
        {"type": "http.disconnect"},
    ]
    lain: list[int] = []

    async def receive() -> Message:
        return came.pop(0)

    async def send(_message: Message) -> None:
        lain.append(len(list(spool.iterdir())))
        await asyncio.sleep(5)  # an answer that is not taken

    asyncio.run(api(scope_of("code"), receive, send))

    assert lain == [1]
    assert list(spool.iterdir()) == []
