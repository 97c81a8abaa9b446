"""The HTTP server with clients that keep it waiting."""

import socket
import threading
from collections.abc import Iterator

import pytest
from starlette.responses import PlainTextResponse

from blueprint.serve import http_server
from blueprint.serve.http_server import make_server

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(http_server, "HEAD_WITHIN_S", 0.2)
    server = make_server(PlainTextResponse("hello"))
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


def test_one_address_does_not_take_all_the_room(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "HEAD_WITHIN_S", 20.0)
    monkeypatch.setattr(http_server, "MAX_PER_ADDRESS", 2)
    first, second = (socket.create_connection(("127.0.0.1", port)) for _ in range(2))
    with first, second, socket.create_connection(("127.0.0.1", port), timeout=20) as third:
        assert third.recv(1) == b""
        second.sendall(GET + b"\r\n")

        assert second.recv(15) == b"HTTP/1.1 200 OK"
