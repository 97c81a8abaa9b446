"""What a participant does over SFTP, with paramiko's client and with OpenSSH's."""

import hashlib
import json
import shutil
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
import pytest

from blueprint.adapters.sftp_host_key import host_key_fingerprint, host_key_line
from blueprint.data.access_log import Access, list_accesses
from blueprint.data.manifests import load_manifest
from blueprint.platform import Platform
from blueprint.signing import parse_public

BIG_BYTES = 3_000_000


def _closed(platform: Platform, count: int) -> list[Access]:
    """Return the accesses, oldest first, once there are `count` and the last one has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = list_accesses(platform.database)
        if len(found) >= count and (found[0].complete or found[0].sent_bytes):
            return found[::-1]
        time.sleep(0.02)
    pytest.fail(f"{count} accesses were not noted within 10 s")


def test_a_participant_downloads_a_release_and_verifies_it(
    log_in: Callable[..., paramiko.SFTPClient], platform: Platform, tmp_path: Path
) -> None:
    sftp = log_in("ada")
    assert sorted(sftp.listdir("/")) == ["README.txt", "training"]
    assert sorted(sftp.listdir("training")) == [
        "big.bin", "case-01", "empty.txt", "manifest.json", "manifest.json.sig",
        "with space and ü.txt",
    ]  # fmt: skip
    with sftp.open("/training/manifest.json") as file:
        data = file.read()
    with sftp.open("/training/manifest.json.sig") as file:
        signature = file.read().decode()
    public = (platform.state.keys / "receipts.pub").read_text()
    manifest = load_manifest(data, signature, parse_public(public))

    for number, file in enumerate(manifest["files"]):
        sftp.get(f"/training/{file['path']}", str(tmp_path / str(number)))
        content = (tmp_path / str(number)).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert len(content) == file["size_bytes"]


def test_every_transfer_is_noted_with_bytes_and_completeness(
    log_in: Callable[..., paramiko.SFTPClient], platform: Platform, tmp_path: Path
) -> None:
    sftp = log_in("ada")
    sftp.get("/training/big.bin", str(tmp_path / "big"))
    with sftp.open("/training/case-01/t1.nii.gz") as file:
        file.read(100)
    sftp.get("/training/empty.txt", str(tmp_path / "empty"))

    found = [
        (access.username, access.release, access.path, access.sent_bytes, access.complete)
        for access in _closed(platform, 3)
    ]

    assert found == [
        ("ada", "training", "big.bin", BIG_BYTES, True),
        ("ada", "training", "case-01/t1.nii.gz", 100, False),
        ("ada", "training", "empty.txt", 0, True),
    ]


def test_a_transfer_that_was_cut_off_is_noted_as_incomplete(
    log_in: Callable[..., paramiko.SFTPClient],
    platform: Platform,
    transports: list[paramiko.Transport],
) -> None:
    file = log_in("ada").open("/training/big.bin")
    assert len(file.read(50_000)) == 50_000
    transports[0].close()

    (access,) = _closed(platform, 1)

    assert access.path == "big.bin"
    assert 50_000 <= access.sent_bytes < BIG_BYTES
    assert not access.complete


def test_the_same_file_is_read_from_any_place(
    log_in: Callable[..., paramiko.SFTPClient],
) -> None:
    with log_in("ada").open("training/big.bin") as file:
        assert file.stat().st_size == BIG_BYTES
        file.seek(BIG_BYTES - 3)
        assert file.read(10) == bytes([247, 248, 249])
        file.seek(BIG_BYTES + 100)
        assert file.read(10) == b""
        file.seek(5)
        assert file.read(3) == bytes([5, 6, 7])


def test_attributes_say_read_only(log_in: Callable[..., paramiko.SFTPClient]) -> None:
    sftp = log_in("ada")

    assert stat.S_IMODE(sftp.stat("/training/big.bin").st_mode or 0) == 0o444
    assert stat.S_ISDIR(sftp.stat("/training").st_mode or 0)
    assert sftp.normalize("training/../training/./case-01") == "/training/case-01"
    listed = {item.filename: item.st_size for item in sftp.listdir_attr("/training")}
    assert listed["big.bin"] == BIG_BYTES


def test_several_people_at_the_same_time_each_get_their_data(
    log_in: Callable[..., paramiko.SFTPClient], tmp_path: Path
) -> None:
    sessions = [log_in(username) for username in ("ada", "bob", "ada")]
    for number, sftp in enumerate(sessions):
        sftp.get("/training/big.bin", str(tmp_path / str(number)))

    assert {(tmp_path / str(number)).stat().st_size for number in range(3)} == {BIG_BYTES}


def test_the_host_key_stays_and_its_fingerprint_can_be_shown(
    start_host: Callable[..., Any], platform: Platform
) -> None:
    first, second = start_host(), start_host()
    shown = []
    for host in (first, second):
        transport = host.transport("ada")
        key = transport.get_remote_server_key()
        shown.append((f"{key.get_name()} {key.get_base64()}", key.fingerprint))
        transport.close()

    path = platform.state.keys / "sftp_host.key"
    assert shown == [(host_key_line(path), host_key_fingerprint(path))] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.fixture
def openssh(host: Any, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run OpenSSH's `sftp` with a batch of commands, as ada unless said otherwise."""
    program = shutil.which("sftp")
    if program is None:
        pytest.skip("OpenSSH's sftp is not installed, so it cannot be tried here")
    known = tmp_path / "known_hosts"
    line = host_key_line(host.platform.state.keys / "sftp_host.key")
    known.write_text(f"[127.0.0.1]:{host.server.port} {line}\n")

    def run(batch: str, username: str = "ada") -> subprocess.CompletedProcess[str]:
        argv = [
            program, "-b", "-", "-F", "none", "-P", str(host.server.port),
            "-o", f"IdentityFile={host.keys[username]}", "-o", "IdentitiesOnly=yes",
            "-o", "IdentityAgent=none", "-o", f"UserKnownHostsFile={known}",
            "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", f"{username}@127.0.0.1",
        ]  # fmt: skip
        return subprocess.run(
            argv, input=batch, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
        )

    return run


def test_openssh_downloads_a_whole_release(
    openssh: Callable[..., subprocess.CompletedProcess[str]], platform: Platform, tmp_path: Path
) -> None:
    told = openssh("ls -l /\nget -r /training fetched\n")

    assert (told.returncode, told.stderr) == (0, "")
    assert "README.txt" in told.stdout
    manifest = json.loads((tmp_path / "fetched" / "manifest.json").read_bytes())
    assert len(manifest["files"]) == 4
    for file in manifest["files"]:
        content = (tmp_path / "fetched" / file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    found = {access.path: access.complete for access in _closed(platform, 6)}
    assert found == {
        "big.bin": True, "case-01/t1.nii.gz": True, "empty.txt": True, "manifest.json": True,
        "manifest.json.sig": True, "with space and ü.txt": True,
    }  # fmt: skip


def test_the_command_of_the_readme_verifies_a_download(
    openssh: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is not installed, so the README's command cannot be tried here")
    openssh("get README.txt\nget -r training\n")
    text = (tmp_path / "README.txt").read_text()
    (command,) = [line.strip() for line in text.splitlines() if "sha256sum" in line]

    def check() -> int:
        argv = ["sh", "-c", command]
        done = subprocess.run(argv, cwd=tmp_path / "training", capture_output=True, check=False)
        return done.returncode

    assert check() == 0
    (tmp_path / "training" / "empty.txt").write_text("no longer")
    assert check() == 1


@pytest.mark.parametrize(
    "command",
    ["put README.txt /x", "put README.txt /training/x", "rm /training/big.bin", "mkdir /x",
     "rmdir /training", "rename /training/big.bin /x", "chmod 777 /training/big.bin",
     "ln -s /etc/passwd /x", "get /etc/passwd", "get ../../etc/passwd", "cd /later",
     "get /later/secret.txt", "ls /nothing"],
)  # fmt: skip
def test_openssh_can_change_nothing_and_leave_nowhere(
    openssh: Callable[..., subprocess.CompletedProcess[str]], command: str, tmp_path: Path
) -> None:
    (tmp_path / "README.txt").write_text("mine")

    told = openssh(f"{command}\n")

    assert told.returncode != 0
    assert not (tmp_path / "passwd").exists()
    assert not (tmp_path / "secret.txt").exists()


def test_openssh_of_a_person_who_waits_is_refused(
    openssh: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    told = openssh("ls\n", "eve")

    assert told.returncode != 0
    assert "Permission denied (publickey)" in told.stderr
