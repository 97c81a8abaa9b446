"""The platform as a process: it answers as everything that it is, and bounds what it takes."""

import contextlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.serve.served import Served, git, wait_until


def test_one_process_answers_as_site_portal_git_and_sftp(served: Served) -> None:
    site = httpx.get(served.url, trust_env=False)
    portal = httpx.get(f"{served.url}/portal/login", trust_env=False)
    key = httpx.get(f"{served.url}/receipt-key.pub", trust_env=False)
    git_refs = httpx.get(
        f"{served.url}/git/voxels.git/info/refs?service=git-upload-pack", trust_env=False
    )
    with socket.create_connection(("127.0.0.1", served.sftp)) as client:
        banner = client.recv(20)

    assert "Brain tissue" in site.text
    assert "Brain tissue" in portal.text
    assert key.text.startswith("ed25519:")
    assert git_refs.status_code == 401
    assert banner.startswith(b"SSH-2.0-")


def test_every_page_carries_the_security_headers(served: Served) -> None:
    for path in ("/", "/leaderboard.html", "/portal/login", "/portal/static/live.js", "/nowhere"):
        headers = httpx.get(f"{served.url}{path}", trust_env=False).headers

        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path


def test_nothing_outside_the_site_is_served(served: Served) -> None:
    for path in ("/../platform.db", "/%2e%2e/platform.db", "/..%2f..%2fplatform.db", "/current"):
        with socket.create_connection(("127.0.0.1", served.http)) as client:
            client.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            assert client.makefile("rb").readline().split()[1] in (b"404", b"400"), path


def ask(served: Served, path: str, host: str) -> list[bytes]:
    """Return the lines of an answer to a request that names a host."""
    with socket.create_connection(("127.0.0.1", served.http), timeout=20) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return client.makefile("rb").read().split(b"\r\n")


@pytest.mark.parametrize("path", ["/", "/%2e", "/portal", "/portal/login", "/git/x.git/info/refs"])
@pytest.mark.parametrize(
    "host",
    ["evil.example.org", "127.0.0.1.evil.example.org", "localhost.evil", "10.1.2.3", "evil:80"],
)
def test_only_who_asks_for_one_of_our_names_is_answered(
    served: Served, path: str, host: str
) -> None:
    answer = ask(served, path, host)

    assert answer[0].startswith(b"HTTP/1.1 421")
    assert not [line for line in answer if line.lower().startswith(b"location:")]
    assert b"Nothing is served here under this name. It is known as 127.0.0.1" in answer[-1]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:9", "localhost:9999", "LOCALHOST", "[::1]:8", "a.localhost"]
)
def test_the_end_of_a_tunnel_on_this_machine_is_one_of_our_names(served: Served, host: str) -> None:
    assert ask(served, "/portal/login", host)[0] == b"HTTP/1.1 200 OK"


def test_no_library_for_numbers_is_loaded_into_the_platform(served: Served) -> None:
    maps = Path(f"/proc/{served.pid}/maps").read_text()

    assert "sqlite" in maps
    assert not re.search("numpy|scipy|nibabel", maps)


def test_a_second_serve_says_that_it_runs_already(served: Served) -> None:
    second = served.command("serve", "--file", str(served.folder / "challenge.yaml"))

    assert second.wait(timeout=30) != 0
    log = (served.folder / "serve.log").read_text()
    assert "Traceback" not in log
    assert served.is_answering()


def test_revoking_a_person_ends_their_git_access_and_a_push_under_way(
    served: Served, tmp_path: Path
) -> None:
    remote = served.participant("rob", "Revoked")
    assert git(tmp_path, "ls-remote", remote).returncode == 0
    with socket.create_connection(("127.0.0.1", served.http), timeout=20) as client:
        credentials = remote.split("//", 1)[1].split("@", 1)[0]
        basic = httpx.BasicAuth(*credentials.split(":", 1))._auth_header
        client.sendall(
            b"POST /git/revoked.git/git-receive-pack HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: " + basic.encode() + b"\r\n"
            b"Content-Type: application/x-git-receive-pack-request\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n4\r\n00a0\r\n"
        )
        wait_until(lambda: bool(children_named(served.pid, "git")))
        revoked = served.command(
            "people", "revoke", "rob", "--file", str(served.folder / "challenge.yaml")
        )
        assert revoked.wait(timeout=30) == 0, (served.folder / "serve.log").read_text()
        wait_until(lambda: not children_named(served.pid, "git"))

    refused = git(tmp_path, "ls-remote", remote)
    assert refused.returncode == 128
    assert "Authentication failed" in refused.stderr


def test_a_push_of_a_gigabyte_is_refused_and_takes_no_memory(served: Served) -> None:
    remote = served.participant("gil", "Gigabyte")
    before_kib = resident_kib(served.pid)
    line = f"{'0' * 40} {'a' * 40} refs/heads/main\0report-status side-band-64k\n".encode()
    head = b"%04x" % (len(line) + 4) + line + b"0000PACK"

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(1024):
            yield bytes(1024**2)

    username, token = remote.split("//", 1)[1].split("@", 1)[0].split(":")
    answer = httpx.post(
        f"{served.url}/git/gigabyte.git/git-receive-pack",
        content=body(),
        headers={"content-type": "application/x-git-receive-pack-request"},
        auth=(username, token),
        timeout=120,
        trust_env=False,
    )

    assert answer.status_code == 200
    assert b"refused: this push is larger than" in answer.content
    assert b"ng refs/heads/main larger than" in answer.content
    assert resident_kib(served.pid) - before_kib < 32 * 1024
    assert served.is_answering()


def resident_kib(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def children_named(pid: int, name: str) -> list[int]:
    """Return the living children of a process whose program begins with `name`."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                with contextlib.suppress(OSError):
                    status = Path(f"/proc/{child}/status").read_text()
                    if status.startswith(f"Name:\t{name}") and "State:\tZ" not in status:
                        found.append(int(child))
    return found
