"""`people revoke` ends what a person has open, at once: git, SFTP and the portal."""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import paramiko
import pytest

from blueprint.demo.download import make_ssh_key
from blueprint.people.git_tokens import issue_token
from blueprint.people.sessions import open_session
from blueprint.people.ssh_keys import add_key

AT_ONCE_S = 3.0


def test_revoke_ends_a_clone_under_way(deployment, wait_until):
    team = deployment.team("max")
    # More than all buffers between git and a client that has stopped reading.
    team.commit(more={"large.bin": os.urandom(32 * 1024**2)})
    assert team.git("push", team.remote, "main").returncode == 0
    head = team.git("rev-parse", "HEAD").stdout.strip()
    with open_clone(team.remote, head) as answer:
        chunks = answer.iter_raw()
        assert next(chunks)
        assert git_children(deployment)

        assert deployment.cli("people", "revoke", team.username).returncode == 0

        wait_until(lambda: not git_children(deployment), "git ends", within_s=AT_ONCE_S)
        with pytest.raises(httpx.TransportError):
            for _ in chunks:
                pass
    refused = team.git("ls-remote", team.remote)
    assert refused.returncode != 0
    assert "Authentication failed" in refused.stderr


def open_clone(address: str, head: str) -> AbstractContextManager[httpx.Response]:
    """Ask for a pack as `git clone` does; the answer is read as slowly as one likes."""
    want = f"want {head} side-band-64k ofs-delta\n"
    return httpx.stream(
        "POST",
        f"{address}/git-upload-pack",
        content=f"{len(want) + 4:04x}{want}00000009done\n",
        headers={"content-type": "application/x-git-upload-pack-request"},
        timeout=30,
        trust_env=False,
    )


def git_children(deployment: Any) -> list[object]:
    return [one for one in deployment.children() if one.argv.startswith("git")]


def log_in(client: paramiko.SSHClient, port: int, username: str, key: Path) -> paramiko.Transport:
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        "127.0.0.1", port, username,
        key_filename=str(key), allow_agent=False, look_for_keys=False, timeout=20,
    )  # fmt: skip
    transport = client.get_transport()
    assert transport is not None
    return transport


def test_revoke_ends_an_open_sftp_session_in_the_middle_of_a_file(deployment, wait_until, tmp_path):
    team, key = deployment.team("noa"), tmp_path / "key"
    public = make_ssh_key(key)
    with deployment.platform() as platform:
        add_key(platform.database, team.person_id, public, "laptop", platform.clock())
    with paramiko.SSHClient() as client:
        transport = log_in(client, deployment.sftp, "noa", key)
        file = client.open_sftp().open("/training/inputs/train-01/t1.nii.gz")
        assert file.read(2) == b"\x1f\x8b"

        assert deployment.cli("people", "revoke", "noa").returncode == 0

        wait_until(lambda: not transport.is_active(), "the connection ends", within_s=AT_ONCE_S)
        with pytest.raises((OSError, EOFError, paramiko.SSHException)):
            file.read(2)
    with paramiko.SSHClient() as client, pytest.raises(paramiko.AuthenticationException):
        log_in(client, deployment.sftp, "noa", key)


def test_revoke_ends_a_portal_session(deployment):
    team = deployment.team("oli")
    with deployment.platform() as platform:
        token, _ = open_session(platform.database, team.person_id, platform.clock())
    cookies = {"brain-tissue-session": token}
    with httpx.Client(base_url=deployment.url, cookies=cookies, trust_env=False) as browser:
        assert browser.get("/portal/account").status_code == 200

        assert deployment.cli("people", "revoke", "oli").returncode == 0

        ended = browser.get("/portal/account")
    assert ended.status_code == 303
    assert ended.headers["location"].startswith("/portal/login")


def test_what_a_revoked_person_had_does_not_come_back_with_an_approval(deployment):
    team = deployment.team("pia")
    assert team.git("ls-remote", team.remote).returncode == 0
    assert deployment.cli("people", "revoke", "pia").returncode == 0
    assert deployment.cli("people", "approve", "pia").returncode == 0

    assert team.git("ls-remote", team.remote).returncode != 0
    with deployment.platform() as platform:
        token, _ = issue_token(platform.database, team.person_id, "new", platform.clock())
    address = team.remote.split("@", 1)[1]
    assert team.git("ls-remote", f"http://pia:{token}@{address}").returncode == 0
