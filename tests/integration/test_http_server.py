"""The HTTP server with clients that keep it waiting."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from blueprint.serve import http_server
from blueprint.serve.http_server import make_server

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer once the request has come whole."""
    while (await receive()).get("more_body", False):
        pass
    await PlainTextResponse("hello")(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(http_server, "HEAD_WITHIN_S", 0.2)
    server = make_server(hello)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=20)


@pytest.mark.parametrize("said", [b"", GET, GET + b"X-Slow: "])
def test_a_client_that_does_not_finish_its_request_is_cut_off(port: int, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(said)

        assert client.recv(1) == b""


def test_nor_does_one_good_request_buy_time_for_the_next(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(GET + b"\r\n")
        answer = client.makefile("rb")
        while answer.readline().strip():
            pass
        assert answer.read(5) == b"hello"
        client.sendall(GET)

        assert answer.read() == b""


@pytest.mark.parametrize("said", [b"", GET, POST + b"Content-Length: 9\r\n\r\n"])
def test_requests_that_are_not_finished_shut_nobody_out(
    port: int, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(http_server, "HEAD_WITHIN_S", 20.0)
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 4)
    with contextlib.ExitStack() as stack:
        waiting = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            for _ in range(4)
        ]
        for client in waiting:
            client.sendall(said)
        time.sleep(0.3)
        for _ in range(8):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as honest:
                honest.sendall(GET + b"\r\n")
                assert honest.recv(15) == b"HTTP/1.1 200 OK"

        assert waiting[0].recv(1) == b""


def test_a_request_under_way_makes_no_room_for_others(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "HEAD_WITHIN_S", 20.0)
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 2)
    path = b"/git/x.git/git-receive-pack"
    push = POST.replace(b"/", path, 1) + b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n"
    with contextlib.ExitStack() as stack:
        busy = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        busy.sendall(push)
        assert busy.recv(100).startswith(b"HTTP/1.1 100 ")  # it is under way
        for _ in range(6):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        time.sleep(0.2)
        busy.sendall(b"123456789")

        assert busy.recv(15) == b"HTTP/1.1 200 OK"
