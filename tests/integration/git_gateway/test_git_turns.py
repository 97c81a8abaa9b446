"""Requests that come together take turns; slow ones are ended; a refusal can be read."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from blueprint.serve import git_requests, patience
from tests.integration.git_gateway.client import (
    REPORT,
    Running,
    command,
    git,
    post_push,
    push_head,
    running_git,
    wait_until,
)

PER_PERSON = 4


@contextlib.contextmanager
def silent_pushes(gateway: Running, count: int) -> Iterator[list[socket.socket]]:
    """Begin pushes of ada's that send nothing after their head."""
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", gateway.port), timeout=20))
            for _ in range(count)
        ]
        for client in clients:
            client.sendall(push_head("Content-Length: 100"))
        wait_until(lambda: len(running_git()) >= min(count, PER_PERSON))
        yield clients


def test_a_person_has_four_requests_running_and_the_others_wait(gateway: Running) -> None:
    with silent_pushes(gateway, 12) as clients:
        time.sleep(0.5)
        assert len(running_git()) == PER_PERSON

        for client in clients[:PER_PERSON]:
            client.close()
        time.sleep(0.5)

        wait_until(lambda: len(running_git()) == PER_PERSON)
    wait_until(lambda: gateway.live.people() == ())


def test_one_persons_line_is_not_in_front_of_another_persons(gateway: Running, work: Path) -> None:
    with silent_pushes(gateway, 30):
        pushed = git(work, "push", gateway.remote("bob", "other-token", "pixels"), "main")

    assert "main -> main" in pushed.stderr


def test_pushes_that_come_at_once_are_all_taken(gateway: Running, work: Path) -> None:
    git(work, "push", gateway.remote(), "main")  # makes the repository

    def push(number: int) -> subprocess.CompletedProcess[str]:
        return git(work, "push", gateway.remote(), f"main:refs/heads/b{number}", check=False)

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(push, range(16)))

    assert [one.stderr for one in done if one.returncode != 0] == []
    stored = git(gateway.repositories / "voxels.git", "branch", "--list", "b*").stdout
    assert len(stored.split()) == 16


def test_a_push_that_trickles_is_ended(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 1.0)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(push_head("Content-Length: 1000000"))
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - begun < 60:  # 600 of the million bytes
                client.sendall(b"0")
                time.sleep(0.1)
                if begun + 1 < time.monotonic() and gateway.live.people() == ():
                    break

        assert gateway.live.people() == ()
    wait_until(lambda: running_git() == [])


def test_a_slow_push_that_keeps_to_the_least_rate_is_not_ended(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 3.0)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(push_head("Content-Length: 1000000"))
        begun, sent_bytes = time.monotonic(), 0
        # 20 KiB/s, five times the least, for three times the pause, however late it is woken.
        while (passed_s := time.monotonic() - begun) < 9:
            due_bytes = int(passed_s * 20 * 1024) - sent_bytes
            client.sendall(b"0" * due_bytes)
            sent_bytes += due_bytes
            time.sleep(0.1)

        assert gateway.live.people() == ("ada",)


def test_a_clone_that_is_not_read_is_ended(
    gateway: Running, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # More than the buffers between git and a client that has stopped reading.
    for number in range(5):
        (work / f"noise-{number}").write_bytes(os.urandom(2 * 1024**2))
        git(work, "add", ".")
        git(work, "commit", "--quiet", f"--message={number}")
        git(work, "push", gateway.remote(), "main")
    head = git(work, "rev-parse", "HEAD").stdout.strip()
    monkeypatch.setattr(patience, "PAUSE_S", 1.0)
    want = f"want {head} side-band-64k ofs-delta\n"
    body = f"{len(want) + 4:04x}{want}00000009done\n".encode()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", gateway.port))
        client.sendall(
            push_head(f"Content-Length: {len(body)}").replace(b"receive-pack", b"upload-pack")
        )
        client.sendall(body)
        read_bytes = len(client.recv(1))

        wait_until(lambda: running_git() == [])
        while chunk := client.recv(65_536):
            read_bytes += len(chunk)

    assert 0 < read_bytes < 10 * 1024**2


def test_who_waits_in_vain_reads_why(
    gateway: Running, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_requests, "WAIT_S", 0.5)
    with silent_pushes(gateway, PER_PERSON):
        refused = git(work, "push", gateway.remote(), "main", check=False)
        body = command("refs/heads/main", REPORT) + b"0000"
        answer = post_push(gateway, body)

    assert refused.returncode != 0
    assert "remote: refused: no turn came within 0.5 s; try again in a minute" in refused.stderr
    assert answer.status_code == 200
    assert b"refused: no turn came within 0.5 s" in answer.content
    assert b"ng refs/heads/main try again in a minute" in answer.content


def test_who_has_very_many_waiting_reads_why(
    gateway: Running, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_requests, "MAX_WAITING_PER_PERSON", 2)
    with silent_pushes(gateway, PER_PERSON + 2):
        wait_until(lambda: len(gateway.live._places) == PER_PERSON + 2)
        refused = git(work, "push", gateway.remote(), "main", check=False)

    assert "remote: refused: 2 of your git requests are waiting already" in refused.stderr
