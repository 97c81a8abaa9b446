"""No push takes more room, memory or time than it may."""

import gzip
import hashlib
import os
import select
import socket
import zlib
from pathlib import Path

import pytest

from blueprint.adapters.git_http import GitBounds
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
from tests.integration.git_gateway.deep_pack import deep_pack, packed, varint


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


def test_what_follows_the_end_of_a_compressed_push_is_not_read(gateway: Running) -> None:
    body = gzip.compress(command("refs/heads/main", REPORT) + b"0000")
    tail, sent_bytes = bytes(64 * 1024), 0
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(push_head("Content-Encoding: gzip\r\nContent-Length: 99999999"))
        client.sendall(body)
        while not is_answered(client) and sent_bytes < 16 * 1024**2:
            client.sendall(tail)
            sent_bytes += len(tail)

        assert is_answered(client)

    assert sent_bytes < 4 * 1024**2


def is_answered(client: socket.socket) -> bool:
    return bool(select.select([client], [], [], 0.05)[0])


def test_a_compressed_push_that_never_becomes_anything_is_bounded(gateway: Running) -> None:
    # An empty block of deflate that is not the last one: 5 bytes in, none out.
    packer = zlib.compressobj(wbits=31)
    head = packer.compress(b"") + packer.flush(zlib.Z_SYNC_FLUSH)
    body = head + b"\0\0\0\xff\xff" * (MAX_PUSH // 5 + 1000)

    answer = post_push(gateway, body, **{"content-encoding": "gzip"})

    assert b"this push is larger than 3 MiB" in answer.content


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


@pytest.mark.parametrize("bounds", [GitBounds(push_cpu_s=2)])
def test_a_push_of_deep_deltas_is_refused_after_its_computing_time(gateway: Running) -> None:
    # 76 KB that unpack to 2,000 objects of 4 MiB: 18 s of computing time when nothing bounds it.
    pack = deep_pack(2000, 4 * 1024**2)
    assert len(pack) < 100_000

    begun_s = cpu_s()
    answer = post_push(gateway, command("refs/heads/main", REPORT) + b"0000" + pack)

    assert cpu_s() - begun_s < 4
    said = [line for line in bands(answer.content) if line[0] == 2]
    assert said[-3][1] == (
        b"refused: git gave up on unpacking this push after 2 s of computing time;\n"
    )
    assert b"no quota was used" in said[-2][1]
    assert b"--depth=20" in said[-1][1]
    assert b"ng refs/heads/main unpacker error" in answer.content
    objects = gateway.repositories / "voxels.git" / "objects"
    wait_until(lambda: not [path for path in objects.rglob("*") if path.is_file()])


@pytest.mark.parametrize("bounds", [GitBounds(answer_s=2)])
def test_a_push_that_git_does_not_come_to_an_end_with_is_ended_with_words(
    gateway: Running, work: Path
) -> None:
    git(work, "ls-remote", gateway.remote())  # makes the repository
    hook = gateway.repositories / "voxels.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nsleep 600\n")
    hook.chmod(0o700)

    pushed = git(work, "push", gateway.remote(), "main:refs/heads/topic", check=False)
    hook.unlink()

    assert pushed.returncode != 0
    assert "remote: git did not come to an end with this push within 2 s" in pushed.stderr
    assert "your submissions in the portal before you push again" in pushed.stderr
    wait_until(lambda: gateway.live.people() == ())
    again = ("push", gateway.remote(), "main:refs/heads/topic")
    wait_until(lambda: git(work, *again, check=False).returncode == 0, 60)


def bands(answer: bytes) -> list[tuple[int, bytes]]:
    """Return the side bands of a push's answer, apart from git's own progress."""
    found = []
    while len(answer) > 4 and (length := int(answer[:4], 16)) > 4:
        found.append((answer[4], answer[5:length]))
        answer = answer[length:]
    return [(band, text) for band, text in found if not text.startswith(b"Resolving deltas")]


def cpu_s() -> float:
    """Return the computing time of this process's children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


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
