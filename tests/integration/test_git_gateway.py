"""The git gateway with git's own client: pushes, clones, refusals, bounds."""

import asyncio
import contextlib
import gzip
import hashlib
import os
import select
import socket
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from blueprint.serve.basic_auth import basic_credentials
from blueprint.serve.git_gateway import GitGateway, Member, Refusal
from blueprint.serve.git_requests import MAX_PER_PERSON, LiveRequests

MAX_PUSH = 3 * 1024**2
MAX_REPOSITORY = 10 * 1024**2
TOKENS = {("ada", "good-token"): ("voxels", 1), ("bob", "other-token"): ("pixels", 2)}


class TableGate:
    """The gate's port over a table: who has which token, and whose team is which."""

    def __init__(self, repositories: Path) -> None:
        self._repositories = repositories

    async def admit(self, authorization: str, team: str) -> Member | Refusal:
        known = TOKENS.get(basic_credentials(authorization) or ("", ""))
        if known is None:
            return Refusal(401, "log in with a token")
        if known[0] != team:
            return Refusal(403, f"refused: this is not your team's repository, {known[0]} is")
        repository = self._repositories / f"{team}.git"
        if not repository.exists():
            git(
                self._repositories, "init", "--bare", "-q", "--initial-branch=main", str(repository)
            )
        return Member(known[1], "ada")


@dataclass
class Running:
    url: str
    port: int
    live: LiveRequests
    repositories: Path
    loop: asyncio.AbstractEventLoop

    def remote(self, user: str = "ada", token: str = "good-token", team: str = "voxels") -> str:
        return f"http://{user}:{token}@127.0.0.1:{self.port}/git/{team}.git"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Running]:
    repositories = tmp_path / "repositories"
    repositories.mkdir()
    live = LiveRequests()
    app = GitGateway(
        repositories=repositories,
        gate=TableGate(repositories),
        live=live,
        max_push_bytes=MAX_PUSH,
        max_repository_bytes=MAX_REPOSITORY,
        variables={"DIYCHALLENGE_SOCKET": str(tmp_path / "none.sock")},
    )
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(app, http="h11", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()

    def run() -> None:
        loop.run_until_complete(server.serve(sockets=[listener]))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{port}", port, live, repositories, loop)
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def git(cwd: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "LC_ALL": "C.UTF-8",
        "no_proxy": "*",
    }
    done = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"git {arguments}: {done.stderr}")
    return done


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "predict.py").write_text("print('hello')\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=first")
    return folder


def add_noise(work: Path, size_bytes: int) -> None:
    (work / "noise.bin").write_bytes(os.urandom(size_bytes))  # does not compress
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message=noise")


def test_what_was_pushed_can_be_cloned(gateway: Running, work: Path, tmp_path: Path) -> None:
    git(work, "push", gateway.remote(), "main", "HEAD:refs/tags/submission/1")
    git(tmp_path, "clone", "--quiet", gateway.remote(), "copy")

    assert (tmp_path / "copy" / "predict.py").read_text() == "print('hello')\n"


def test_a_push_above_gits_own_buffer_comes_chunked_and_whole(gateway: Running, work: Path) -> None:
    add_noise(work, 2 * 1024**2)  # http.postBuffer is 1 MiB: git switches to a chunked body

    git(work, "push", gateway.remote(), "main")

    stored = git(gateway.repositories / "voxels.git", "cat-file", "-s", "main:noise.bin")
    assert int(stored.stdout) == 2 * 1024**2


def test_both_protocol_versions_are_spoken(gateway: Running, work: Path) -> None:
    git(work, "push", gateway.remote(), "main")

    for version in ("0", "2"):
        listed = git(work, "-c", f"protocol.version={version}", "ls-remote", gateway.remote())
        assert "refs/heads/main" in listed.stdout


def test_a_negotiation_sent_with_gzip_is_understood(gateway: Running, work: Path) -> None:
    git(work, "push", gateway.remote(), "main")
    commit = git(work, "rev-parse", "HEAD").stdout.strip()
    wants = f"want {commit} no-progress ofs-delta\n"
    body = f"{len(wants) + 4:04x}{wants}0000" + "0009done\n"

    answer = httpx.post(
        f"{gateway.url}/git/voxels.git/git-upload-pack",
        content=gzip.compress(body.encode()),
        headers={
            "content-type": "application/x-git-upload-pack-request",
            "content-encoding": "gzip",
        },
        auth=("ada", "good-token"),
        trust_env=False,
    )

    assert answer.status_code == 200
    assert answer.content.startswith(b"0008NAK\nPACK")


def test_a_push_above_the_limit_is_refused_in_words_that_git_shows(
    gateway: Running, work: Path
) -> None:
    add_noise(work, 2 * MAX_PUSH)

    pushed = git(work, "push", gateway.remote(), "main", check=False)

    assert pushed.returncode == 1
    assert "remote: refused: this push is larger than 3 MiB" in pushed.stderr
    assert "no quota was used" in pushed.stderr
    assert "! [remote rejected] main -> main (larger than 3 MiB)" in pushed.stderr
    listed = git(work, "ls-remote", gateway.remote())
    assert listed.stdout == ""
    assert not list((gateway.repositories / "voxels.git" / "objects").glob("*/*.pack"))


def test_after_a_refused_push_the_next_one_is_taken(gateway: Running, work: Path) -> None:
    add_noise(work, 2 * MAX_PUSH)
    git(work, "push", gateway.remote(), "main", check=False)
    git(work, "reset", "--quiet", "--hard", "HEAD~1")

    git(work, "push", gateway.remote(), "main")

    assert "refs/heads/main" in git(work, "ls-remote", gateway.remote()).stdout


def test_without_a_token_git_is_asked_for_one(gateway: Running) -> None:
    answer = httpx.get(
        f"{gateway.url}/git/voxels.git/info/refs?service=git-upload-pack", trust_env=False
    )

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_a_wrong_token_is_refused(gateway: Running, work: Path) -> None:
    pushed = git(work, "push", gateway.remote(token="guess"), "main", check=False)

    assert pushed.returncode == 128
    assert "Authentication failed" in pushed.stderr


def test_another_teams_repository_is_refused_with_the_reason(gateway: Running, work: Path) -> None:
    pushed = git(work, "push", gateway.remote("bob", "other-token"), "main", check=False)

    assert pushed.returncode == 128
    assert "remote: refused: this is not your team's repository, pixels is" in pushed.stderr


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
        wait_until(lambda: gateway.live.people() == (1,))
        gateway.loop.call_soon_threadsafe(gateway.live.end, 1)
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
        wait_until(lambda: gateway.live.people() == (1,))

    wait_until(lambda: gateway.live.people() == ())


def wait_until(is_true, timeout_s: float = 20) -> None:
    end = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def push_head(size: str) -> bytes:
    return (
        "POST /git/voxels.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
        "Authorization: Basic YWRhOmdvb2QtdG9rZW4=\r\n"
        f"Content-Type: application/x-git-receive-pack-request\r\n{size}\r\n\r\n"
    ).encode()


def post_push(gateway: Running, body: bytes, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{gateway.url}/git/voxels.git/git-receive-pack",
        content=body,
        headers={"content-type": "application/x-git-receive-pack-request", **headers},
        auth=("ada", "good-token"),
        timeout=60,
    )


def command(ref: str, capabilities: str = "") -> bytes:
    line = f"{'0' * 40} {'a' * 40} {ref}".encode() + (b"\0" + capabilities.encode())
    return b"%04x" % (len(line) + 4) + line


REPORT = " report-status side-band-64k"


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
