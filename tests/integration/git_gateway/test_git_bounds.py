"""No push takes more room, memory or time than it may."""

import contextlib
import gzip
import hashlib
import os
import select
import socket
import zlib
from pathlib import Path

from blueprint.serve.git_requests import MAX_PER_PERSON
from tests.integration.git_gateway.client import (
    MAX_PUSH,
    MAX_REPOSITORY,
    REPORT,
    Running,
    add_noise,
    command,
    git,
    post_push,
    push_head,
    wait_until,
)


def test_requests_that_come_together_do_not_all_find_room(gateway: Running) -> None:
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", gateway.port), timeout=20))
            for _ in range(12)
        ]
        for client in clients:
            client.sendall(push_head("Content-Length: 100"))
        refused: list[bytes] = []

        def answered() -> bool:
            for client in select.select(clients, [], [], 0)[0]:
                clients.remove(client)
                refused.append(client.recv(12))
            return len(refused) == 12 - MAX_PER_PERSON

        wait_until(answered)

        assert refused == [b"HTTP/1.1 429"] * (12 - MAX_PER_PERSON)


def test_a_push_that_is_broken_off_leaves_nothing_on_the_disk(gateway: Running) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(push_head("Content-Length: 2000000"))
        client.sendall(command("refs/heads/main", REPORT) + b"0000")
        client.sendall(b"PACK\0\0\0\x02\0\0\0\x64" + bytes([0xB0, 0x80, 0x80, 0x10]))  # a blob
        objects = gateway.repositories / "voxels.git" / "objects"
        wait_until(lambda: list(objects.glob("*incoming-*")) != [])

    wait_until(lambda: gateway.live.people() == ())
    wait_until(lambda: list(objects.glob("*incoming-*")) == [])


def test_a_compressed_push_counts_as_what_it_unpacks_to(gateway: Running) -> None:
    body = gzip.compress(command("refs/heads/main", REPORT) + b"0000" + b"\0" * MAX_PUSH)
    assert len(body) < 10_000

    answer = post_push(gateway, body, **{"content-encoding": "gzip"})

    assert b"this push is larger than 3 MiB" in answer.content


def test_a_compressed_push_of_an_ordinary_size_is_understood(gateway: Running) -> None:
    pack = b"PACK\0\0\0\x02\0\0\0\0"
    pack += hashlib.sha1(pack, usedforsecurity=False).digest()
    body = gzip.compress(command("refs/heads/main", REPORT) + b"0000" + pack)

    answer = post_push(gateway, body, **{"content-encoding": "gzip"})

    assert b"ng refs/heads/main missing necessary objects" in answer.content


def test_a_push_of_very_many_refs_is_refused_before_git_looks_at_them(gateway: Running) -> None:
    refs = b"".join(command(f"refs/heads/{number}") for number in range(1000))

    answer = post_push(gateway, command("refs/heads/main", REPORT) + refs + b"0000")

    assert b"this push is of more than 1000 refs" in answer.content


def test_a_delta_that_claims_gigabytes_is_refused_cheaply(gateway: Running) -> None:
    base = os.urandom(1024**2)
    name = hashlib.sha1(b"blob %d\0" % len(base) + base, usedforsecurity=False).digest()
    copies = 4096
    delta = varint(len(base)) + varint(copies * len(base)) + b"\xf0\0\0\x10" * copies
    pack = b"PACK\0\0\0\x02\0\0\0\x02" + packed(3, base) + packed(7, delta, name)
    pack += hashlib.sha1(pack, usedforsecurity=False).digest()

    answer = post_push(gateway, command("refs/heads/main", REPORT) + b"0000" + pack)

    assert b"ng refs/heads/main unpacker error" in answer.content
    assert b"emory" in answer.content


def packed(kind: int, data: bytes, base: bytes = b"") -> bytes:
    """Return an object as a pack holds it: kind and size in groups of bits, then its content."""
    rest, low = divmod(len(data), 16)
    first = kind << 4 | low | (0x80 if rest else 0)
    return bytes([first]) + (varint(rest) if rest else b"") + base + zlib.compress(data, 1)


def varint(number: int) -> bytes:
    rest, low = divmod(number, 128)
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def test_a_full_repository_takes_no_push_and_can_still_be_cloned(
    gateway: Running, work: Path, tmp_path: Path
) -> None:
    git(work, "push", gateway.remote(), "main")
    (gateway.repositories / "voxels.git" / "filler").write_bytes(os.urandom(MAX_REPOSITORY))
    add_noise(work, 1000)

    refused = git(work, "push", gateway.remote(), "main", check=False)
    git(tmp_path, "clone", "--quiet", gateway.remote(), "copy")

    assert refused.returncode != 0
    assert "the repository holds all that it may" in refused.stderr
