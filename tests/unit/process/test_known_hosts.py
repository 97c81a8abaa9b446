"""Which names a platform answers to."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from blueprint.serve.known_hosts import KnownHosts

NAMES = ("127.0.0.1", "localhost", "::1", "imaging-pc")


def status(host: str | None, *, any_number: bool) -> int:
    app = KnownHosts(PlainTextResponse("hello"), NAMES, any_number=any_number)
    headers = [] if host is None else [(b"host", host.encode())]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    sent = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return int(sent[0]["status"])


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("192.168.7.20:8080", 200),
        ("[fe80::1]:8080", 200),
        ("imaging-pc:8080", 200),
        ("IMAGING-PC.", 200),
        (None, 200),  # HTTP/1.0 names nobody
        ("192.168.7.20.example.org", 421),
        ("example.org", 421),
        ("", 421),
    ],
)
def test_who_listens_on_every_address_is_asked_for_by_any_number(
    host: str | None, answer: int
) -> None:
    assert status(host, any_number=True) == answer


@pytest.mark.parametrize("host", ["192.168.7.20:8080", "[fe80::1]", "0.0.0.0"])
def test_who_listens_on_one_address_is_asked_for_by_that(host: str) -> None:
    assert status(host, any_number=False) == 421
