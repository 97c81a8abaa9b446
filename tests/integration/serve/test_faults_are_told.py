"""A platform that is not well says so, and what failed goes on when it can."""

import contextlib
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from blueprint.deploy.reach import faults_of
from tests.integration.serve.served import Served, git, push_submission, wait_until
from tests.integration.serve.test_one_process import children_named


@contextlib.contextmanager
def without_table(served: Served, table: str) -> Iterator[None]:
    """Take a table away for as long as the block runs: whatever reads it fails."""
    with contextlib.closing(sqlite3.connect(served.state.database, timeout=20)) as database:
        database.execute("PRAGMA legacy_alter_table=ON")
        database.execute(f"ALTER TABLE {table} RENAME TO away")
        database.commit()
        try:
            yield
        finally:
            database.execute(f"ALTER TABLE away RENAME TO {table}")
            database.commit()


def backends(served: Served) -> list[int]:
    """Return git's processes that serve a request now."""
    found = []
    for pid in children_named(served.pid, "git"):
        with contextlib.suppress(OSError):
            if b"http-backend" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def health_of(served: Served) -> int:
    return httpx.get(f"{served.url}/healthz", trust_env=False).status_code


def status_of(served: Served, tmp_path: Path) -> tuple[int, dict[str, object]]:
    with (tmp_path / "status.json").open("wb") as out:
        argv = [sys.executable, "-P", "-m", "cli", "status", "--json"]
        code = subprocess.run(
            [*argv, "--file", str(served.folder / "challenge.yaml")], stdout=out, check=False
        ).returncode
    return code, json.loads((tmp_path / "status.json").read_text())


def test_who_looks_after_access_survives_a_fault_and_says_so(
    served: Served, tmp_path: Path
) -> None:
    remote = served.participant("ivy", "Injected")
    basic = httpx.BasicAuth(*remote.split("//", 1)[1].split("@", 1)[0].split(":", 1))._auth_header
    with socket.create_connection(("127.0.0.1", served.http), timeout=20) as client:
        client.sendall(
            b"POST /git/injected.git/git-receive-pack HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: " + basic.encode() + b"\r\n"
            b"Content-Type: application/x-git-receive-pack-request\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n4\r\n00a0\r\n"
        )
        wait_until(lambda: bool(backends(served)))
        with without_table(served, "acceptances"):
            wait_until(lambda: health_of(served) == 503)
            faults = faults_of(served.state)
        wait_until(lambda: health_of(served) == 200)
        assert any(fault.startswith("access: fails, and is tried again") for fault in faults)
        assert backends(served)

        revoked = served.command(
            "people", "revoke", "ivy", "--file", str(served.folder / "challenge.yaml")
        )
        assert revoked.wait(timeout=30) == 0
        wait_until(lambda: not backends(served))  # left alone it would hang there for minutes


def test_status_tells_what_fails(served: Served, tmp_path: Path) -> None:
    with without_table(served, "withdrawals"):  # the sweeper reads it
        wait_until(lambda: health_of(served) == 503)
        code, told = status_of(served, tmp_path)
    wait_until(lambda: health_of(served) == 200)

    assert code == 1
    assert told["health"] == "faulty"
    assert "sweeper: fails, and is tried again" in str(told["faults"])
    assert status_of(served, tmp_path)[0] == 0


def test_a_socket_that_somebody_removed_is_made_anew(served: Served, tmp_path: Path) -> None:
    remote = served.participant("sol", "Socket")
    path = served.state.socket
    assert path.is_socket()

    shutil.rmtree(path.parent)
    assert any("internal socket" in fault for fault in faults_of(served.state))
    wait_until(lambda: path.is_socket() and faults_of(served.state) == ())

    assert push_submission(tmp_path / "work", remote) > 0


def test_a_socket_that_cannot_be_made_is_told(served: Served, tmp_path: Path) -> None:
    folder = served.state.socket.parent
    shutil.rmtree(folder)
    folder.write_text("in the way")
    try:
        wait_until(lambda: health_of(served) == 503)
        code, told = status_of(served, tmp_path)
    finally:
        folder.unlink()
    wait_until(lambda: faults_of(served.state) == ())

    assert code == 1
    assert told["health"] == "faulty"
    assert "does not answer, so every submission is refused" in str(told["faults"])


def test_sockets_lie_in_the_state_folder_where_the_path_allows(served: Served) -> None:
    inside = served.state.root.resolve() / "sockets" / "internal.sock"

    assert (served.state.socket == inside) == (len(str(inside)) <= 107)
    assert git(served.folder, "--version").returncode == 0
