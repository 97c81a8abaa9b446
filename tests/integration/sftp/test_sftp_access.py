"""Who comes in over SFTP, and how fast they are out again."""

import socket
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import paramiko
import pytest

from blueprint.data.access_log import list_accesses
from blueprint.people.approval import approve, revoke
from blueprint.people.ssh_keys import list_keys, remove_key
from blueprint.platform import Platform
from blueprint.serve.access_converger import AccessConverger
from blueprint.serve.access_targets import LiveSftp
from blueprint.serve.health import Health
from blueprint.serve.loops import Loop


def _wait_until(condition: Callable[[], bool], within_s: float = 60) -> None:
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within_s:
            pytest.fail(f"not within {within_s} s")
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("username", "key"),
    [("ada", "bob"), ("ada", "stranger"), ("eve", "eve"), ("nobody-here", "ada"), ("", "ada"),
     ("ada/../bob", "bob"), ("ADA", "ada"), ("a" * 10_000, "ada")],
)  # fmt: skip
def test_only_approved_people_with_their_own_key_come_in(
    host: Any, username: str, key: str
) -> None:
    with pytest.raises(paramiko.AuthenticationException):
        host.transport(username, key)


def test_a_key_that_is_known_but_not_held_opens_nothing(host: Any) -> None:
    public = paramiko.Ed25519Key(filename=str(host.keys["ada"]))
    stranger = paramiko.Ed25519Key(filename=str(host.keys["stranger"]))
    # Ada's public key, signed with another private key: what a thief of the list could do.
    stolen = _Disguised(public, stranger)
    transport = paramiko.Transport(socket.create_connection(("127.0.0.1", host.server.port), 60))
    try:
        with pytest.raises(paramiko.AuthenticationException):
            transport.connect(username="ada", pkey=stolen)
        assert not transport.is_authenticated()
    finally:
        transport.close()


class _Disguised(paramiko.PKey):
    """A key that shows one public half and signs with another's private half."""

    def __init__(self, shown: paramiko.PKey, used: paramiko.PKey) -> None:
        self._shown = shown
        self._used = used
        self.public_blob = None

    def get_name(self) -> str:
        return self._shown.get_name()

    def asbytes(self) -> bytes:
        return self._shown.asbytes()

    def can_sign(self) -> bool:
        return True

    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> paramiko.Message:
        return self._used.sign_ssh_data(data, algorithm)


@pytest.mark.parametrize("how", ["password", "none", "keyboard-interactive"])
def test_there_is_no_way_in_but_a_key(host: Any, how: str) -> None:
    transport = paramiko.Transport(socket.create_connection(("127.0.0.1", host.server.port), 60))
    try:
        transport.start_client(timeout=60)
        with pytest.raises(paramiko.BadAuthenticationType) as caught:
            _try(transport, how)
        assert caught.value.allowed_types == ["publickey"]
    finally:
        transport.close()


def _try(transport: paramiko.Transport, how: str) -> None:
    if how == "password":
        transport.auth_password("ada", "correct horse battery", fallback=False)
    elif how == "none":
        transport.auth_none("ada")
    else:
        transport.auth_interactive("ada", lambda *_: [])


def test_revoking_cuts_a_download_at_once(
    host: Any,
    log_in: Callable[..., paramiko.SFTPClient],
    transports: list[paramiko.Transport],
    platform: Platform,
    noon: datetime,
) -> None:
    ada, bob = log_in("ada"), log_in("bob")
    file = ada.open("/training/big.bin")
    file.read(1000)

    revoke(platform, "ada", by="olga", now=noon)
    assert host.server.cut("ada") == 1

    _wait_until(lambda: not transports[0].is_active())
    with pytest.raises((OSError, EOFError, paramiko.SSHException)):
        file.read(1000)
    assert bob.listdir("/training")
    with pytest.raises(paramiko.AuthenticationException):
        host.transport("ada")
    access = list_accesses(platform.database)[-1]
    assert (access.username, access.complete) == ("ada", False)


def test_revoking_by_another_process_is_seen_without_being_told(
    host: Any,
    log_in: Callable[..., paramiko.SFTPClient],
    transports: list[paramiko.Transport],
    platform: Platform,
    noon: datetime,
) -> None:
    log_in("ada").listdir("/")

    loop = Loop("access", _converger(host).step, pause_s=1.0, health=Health())
    loop.start()
    try:
        revoke(platform, "ada", by="olga", now=noon)

        _wait_until(lambda: not transports[0].is_active())
    finally:
        loop.stop()


def _converger(host: Any) -> AccessConverger:
    return AccessConverger(host.platform, (LiveSftp(host.server),), Health())


def test_the_next_request_of_a_revoked_person_is_refused(
    log_in: Callable[..., paramiko.SFTPClient], platform: Platform, noon: datetime
) -> None:
    ada = log_in("ada")
    ada.listdir("/")
    revoke(platform, "ada", by="olga", now=noon)

    with pytest.raises((OSError, EOFError, paramiko.SSHException)):
        ada.listdir("/training")
    with pytest.raises((OSError, EOFError, paramiko.SSHException)):
        ada.open("/training/big.bin")


def test_removing_a_key_cuts_what_it_opened(
    host: Any,
    log_in: Callable[..., paramiko.SFTPClient],
    transports: list[paramiko.Transport],
    platform: Platform,
    noon: datetime,
) -> None:
    log_in("ada").listdir("/")
    log_in("bob").listdir("/")
    (key,) = list_keys(platform.database, host.person_id("ada"))
    remove_key(platform.database, host.person_id("ada"), key.id, noon)

    _converger(host).step()

    _wait_until(lambda: not transports[0].is_active())
    assert transports[1].is_active()


def test_an_approved_person_comes_in_without_a_restart(
    host: Any, platform: Platform, noon: datetime, tmp_path: Path
) -> None:
    with pytest.raises(paramiko.AuthenticationException):
        host.transport("eve")

    approve(platform, "eve", by="olga", now=noon)

    host.transport("eve").close()


def test_stopping_notes_what_was_sent_and_frees_the_port(
    host: Any, log_in: Callable[..., paramiko.SFTPClient], platform: Platform
) -> None:
    log_in("ada").open("/training/big.bin").read(1000)

    host.server.stop()

    (access,) = list_accesses(platform.database)
    assert access.sent_bytes >= 1000
    assert not access.complete
    with pytest.raises((OSError, paramiko.SSHException)):
        host.transport("ada")
    host.server.stop()
