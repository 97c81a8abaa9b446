"""A running SFTP server over a real platform, and two people with keys."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from blueprint.adapters.sftp_server import SftpServer
from blueprint.adapters.sftp_session import SftpLimits
from blueprint.config.model import Challenge
from blueprint.data.manifests import ensure_manifest
from blueprint.data.sftp_directory import PlatformDirectory
from blueprint.database.connection import open_sqlite
from blueprint.people.approval import approve
from blueprint.people.registration import Registration
from blueprint.people.ssh_keys import add_key
from blueprint.platform import Platform
from blueprint.state import StateFolder
from tests.integration.sftp.raw import Raw
from tests.local_addresses import LOCAL
from tests.people import register

BIG_BYTES = 3_000_000


@dataclass(frozen=True)
class Host:
    """The server, and the platform behind it."""

    server: SftpServer
    platform: Platform
    keys: dict[str, Path]
    """Private key files of the approved ada and bob, of eve who waits, and of a stranger."""

    def person_id(self, username: str) -> int:
        """Return the id behind a username: they register in this order."""
        return ["ada", "bob", "eve"].index(username) + 1

    def transport(self, username: str, key: str | None = None) -> paramiko.Transport:
        """Return a client's transport that logged in with a key (by default one's own)."""
        transport = paramiko.Transport(
            socket.create_connection(("127.0.0.1", self.server.port), 10)
        )
        private = paramiko.Ed25519Key(filename=str(self.keys[key or username]))
        try:
            transport.connect(username=username, pkey=private)
        except BaseException:
            transport.close()
            raise
        return transport


def _challenge() -> Challenge:
    return Challenge.model_validate({
        "version": 1,
        "challenge": {"id": "tissue", "title": "Tissue", "contact": "us@example.org"},
        "data": {"releases": [
            {
                "id": "training", "title": "Training set", "path": "data/training",
                "opens": "2027-06-01", "license": "CC-BY-4.0",
            },
            {
                "id": "later", "title": "Later set", "path": "data/later",
                "opens": "2027-06-20", "license": "CC-BY-4.0",
            },
        ]},
        "tasks": [{
            "id": "tissue", "title": "Tissue", "problem": "semantic-segmentation",
            "inputs": {"t1": "image"}, "outputs": {"mask": "segmentation"},
            "labels": {1: "grey"}, "cases": {"public": "data/public"}, "metrics": [{"id": "dice"}],
        }],
        "phases": [{
            "id": "one", "tasks": ["tissue"], "opens": "2027-06-01", "closes": "2027-06-30",
        }],
    })  # fmt: skip


def _make_key(path: Path) -> str:
    """Write an OpenSSH private key and return its public line."""
    key = Ed25519PrivateKey.generate()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _make_files(folder: Path) -> None:
    (folder / "training" / "case-01").mkdir(parents=True)
    (folder / "training" / "case-01" / "t1.nii.gz").write_bytes(bytes(range(256)) * 10)
    (folder / "training" / "big.bin").write_bytes(bytes(range(250)) * (BIG_BYTES // 250))
    (folder / "training" / "empty.txt").write_bytes(b"")
    (folder / "training" / "with space and ü.txt").write_bytes(b"words")
    (folder / "later").mkdir()
    (folder / "later" / "secret.txt").write_bytes(b"not yet")


@pytest.fixture
def platform(tmp_path: Path, noon: datetime) -> Iterator[Platform]:
    """A platform with one open release, and one that opens later."""
    _make_files(tmp_path / "data")
    state = StateFolder(tmp_path / "state")
    state.root.mkdir()
    database = open_sqlite(state.database)
    database.ensure_schema()
    platform = Platform(_challenge(), tmp_path, state, database, lambda: noon, LOCAL)
    for release in platform.challenge.data.releases:
        ensure_manifest(platform, release)
    yield platform
    database.close()


@pytest.fixture
def keys(platform: Platform, tmp_path: Path, noon: datetime) -> dict[str, Path]:
    """Register ada, bob (both approved) and eve (waiting), each with a key; a stranger has one."""
    paths = {name: tmp_path / f"{name}.key" for name in ("ada", "bob", "eve", "stranger")}
    for username in ("ada", "bob", "eve"):
        form = Registration(
            username=username,
            email=f"{username}@example.org",
            name=username,
            password="correct horse battery",
            team_name=f"team {username}",
        )
        person = register(platform, form, noon)
        add_key(platform.database, person.id, _make_key(paths[username]), "", noon)
        if username != "eve":
            approve(platform, username, by="olga", now=noon)
    _make_key(paths["stranger"])
    return paths


@pytest.fixture
def start_host(
    platform: Platform, keys: dict[str, Path], tmp_path: Path
) -> Iterator[Callable[..., Host]]:
    """Start servers on free ports, with the limits given."""
    started: list[SftpServer] = []

    def start(limits: SftpLimits | None = None) -> Host:
        server = SftpServer(
            "127.0.0.1",
            0,
            platform.state.keys / "sftp_host.key",
            PlatformDirectory(platform),
            limits=limits,
        )
        server.start()
        started.append(server)
        return Host(server, platform, keys)

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def host(start_host: Callable[..., Host]) -> Host:
    """A server with the limits that the platform uses."""
    return start_host()


@pytest.fixture
def transports() -> Iterator[list[paramiko.Transport]]:
    """A list of transports that are closed at the end of the test."""
    opened: list[paramiko.Transport] = []
    yield opened
    for transport in opened:
        transport.close()


@pytest.fixture
def log_in(host: Host, transports: list[paramiko.Transport]) -> Callable[..., paramiko.SFTPClient]:
    """Open SFTP sessions, closed at the end of the test."""

    def one(username: str = "ada", key: str | None = None) -> paramiko.SFTPClient:
        transport = host.transport(username, key)
        transports.append(transport)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        return client

    return one


@pytest.fixture
def raw(host: Any, transports: list[paramiko.Transport]) -> Raw:
    """A raw session of ada."""
    transports.append(host.transport("ada"))
    return Raw(transports[-1])
