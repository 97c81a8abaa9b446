"""Requests by hand: what is served, what is refused, and what ends under way."""

import contextlib
import socket
import time

import pytest

from tests.integration.git_gateway.client import Running, wait_until


@pytest.mark.parametrize(
    "path",
    [
        "/git/voxels.git/HEAD",
        "/git/voxels.git/objects/info/packs",
        "/git/voxels.git/config",
        "/git/voxels.git/info/refs",  # the dumb protocol
        "/git/voxels.git/info/refs?service=git-upload-archive",
        "/git/voxels.git/info/refs?service=git-upload-pack&x=1",
        "/git/voxels.git/info%2frefs?service=git-upload-pack",
        "/git/../git/voxels.git/info/refs?service=git-upload-pack",
        "/git/%2e%2e/platform.db",
        "/git/voxels.git/../../platform.db",
        "/git/--upload-pack=x.git/info/refs?service=git-upload-pack",
        "/git/Voxels.git/info/refs?service=git-upload-pack",
        "/git//voxels.git/info/refs?service=git-upload-pack",
        "/git/voxels.git/git-upload-archive",
        "/git/voxels%00.git/info/refs?service=git-upload-pack",
    ],
)
def test_nothing_but_gits_three_paths_is_served(gateway: Running, path: str) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        authorization = "Basic YWRhOmdvb2QtdG9rZW4="  # ada:good-token
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = client.makefile("rb").read()

    assert answer.split()[1] in (b"403", b"404")


def test_a_client_that_waits_for_100_continue_gets_it(gateway: Running) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(
            b"POST /git/voxels.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Basic YWRhOmdvb2QtdG9rZW4=\r\n"
            b"Content-Type: application/x-git-receive-pack-request\r\n"
            b"Content-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        answer = client.makefile("rb")
        assert answer.readline() == b"HTTP/1.1 100 Continue\r\n"
        answer.readline()
        client.sendall(b"0000")
        assert answer.readline().startswith(b"HTTP/1.1 200")


def test_a_body_without_a_token_is_refused_before_it_is_sent(gateway: Running) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(
            b"POST /git/voxels.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/x-git-receive-pack-request\r\n"
            b"Content-Length: 999999999\r\nExpect: 100-continue\r\n\r\n"
        )
        assert client.makefile("rb").readline().startswith(b"HTTP/1.1 401")


def test_revoking_a_person_ends_their_running_push(gateway: Running) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(
            b"POST /git/voxels.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Basic YWRhOmdvb2QtdG9rZW4=\r\n"
            b"Content-Type: application/x-git-receive-pack-request\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n4\r\n00a0\r\n"
        )
        wait_until(lambda: gateway.live.people() == ("ada",))
        gateway.loop.call_soon_threadsafe(gateway.live.end, "ada")
        with contextlib.suppress(OSError):  # the other side may close while we still send
            for _ in range(20):
                client.sendall(b"1\r\nx\r\n")
                time.sleep(0.05)
        answer = client.makefile("rb").readline()

    assert answer.startswith(b"HTTP/1.1 403")
    wait_until(lambda: gateway.live.people() == ())


def test_a_client_that_leaves_in_the_middle_leaves_no_git_behind(gateway: Running) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(
            b"POST /git/voxels.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Basic YWRhOmdvb2QtdG9rZW4=\r\n"
            b"Content-Type: application/x-git-receive-pack-request\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n4\r\n00a0\r\n"
        )
        wait_until(lambda: gateway.live.people() == ("ada",))

    wait_until(lambda: gateway.live.people() == ())
