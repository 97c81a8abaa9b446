"""Clients that want too much: connections, sessions and time have limits."""

import contextlib
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import paramiko
import pytest
from paramiko.sftp import CMD_OPEN, CMD_READ

from blueprint.adapters.sftp_server import SftpServer
from blueprint.adapters.sftp_session import SftpLimits
from blueprint.data.sftp_directory import PlatformDirectory
from blueprint.errors import ToolError
from blueprint.platform import Platform
from tests.integration.sftp.raw import Raw, still_serves, text


def _send_often(raw: Raw, packet: bytes, times: int) -> None:
    for _ in range(times):
        raw.channel.sendall(packet)


def test_a_client_that_asks_and_never_listens_is_cut(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    host = start_host(SftpLimits(buffered_bytes=100_000))
    transports.append(host.transport("ada"))
    raw = Raw(transports[0])
    _, answer = raw.ask(CMD_OPEN, text(b"/training/big.bin") + struct.pack(">II", 1, 0))
    read = bytes([CMD_READ]) + struct.pack(">I", 7) + text(answer[4:])
    request = read + struct.pack(">QI", 0, 256 * 1024)
    packet = (struct.pack(">I", len(request)) + request) * 500
    # The server's window would hold an honest client back; this one takes no notice of it.
    raw.channel.out_window_size = 2**31

    with pytest.raises((OSError, EOFError, paramiko.SSHException)):
        _send_often(raw, packet, 1000)

    assert still_serves(host)


@pytest.mark.parametrize(
    "greeting", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 1000, b"SSH-2.0-x\r\n" + os.urandom(500)]
)
def test_what_is_not_ssh_is_hung_up_on(host: Any, greeting: bytes) -> None:
    with socket.create_connection(("127.0.0.1", host.server.port), timeout=60) as wire:
        wire.sendall(greeting)
    assert still_serves(host)


@pytest.mark.parametrize("kind", ["shell", "exec", "forward", "reverse"])
def test_nothing_but_sftp_is_offered(
    host: Any, transports: list[paramiko.Transport], kind: str
) -> None:
    transport = host.transport("ada")
    transports.append(transport)

    with pytest.raises(paramiko.SSHException):
        _ask_for(transport, kind)


def _ask_for(transport: paramiko.Transport, kind: str) -> None:
    if kind == "forward":
        transport.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1))
    elif kind == "reverse":
        transport.request_port_forward("127.0.0.1", 0)
    elif kind == "exec":
        transport.open_session(timeout=60).exec_command("id")
    else:
        transport.open_session(timeout=60).invoke_shell()


def test_a_connection_opens_so_many_sessions_and_no_more(
    host: Any, transports: list[paramiko.Transport]
) -> None:
    transport = host.transport("ada")
    transports.append(transport)
    sessions = [Raw(transport) for _ in range(8)]

    with pytest.raises(paramiko.ChannelException):
        transport.open_session(timeout=60)

    sessions[0].channel.close()
    _until(lambda: _opens(transport))


def _opens(transport: paramiko.Transport) -> bool:
    try:
        transport.open_session(timeout=60).close()
    except paramiko.ChannelException:
        return False
    return True


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_silent_strangers_shut_nobody_out(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    host = start_host()
    with contextlib.ExitStack() as stack:
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", host.server.port), 60))
            for _ in range(70)
        ]
        for client in silent[-32:]:
            assert client.recv(4) == b"SSH-"

        transports.append(host.transport("bob"))
        Raw(transports[0])


def test_people_who_are_logged_in_make_no_room_for_strangers(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    host = start_host(SftpLimits(strangers=2))
    transports.append(host.transport("ada"))
    with contextlib.ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(socket.create_connection(("127.0.0.1", host.server.port), 60))
        time.sleep(0.5)

        Raw(transports[0])


def test_a_person_does_not_keep_more_connections_than_allowed(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    host = start_host(SftpLimits(per_person=2))
    transports += [host.transport("ada") for _ in range(4)]

    _until(lambda: [one.is_active() for one in transports] == [True, True, False, False])


def test_connections_are_limited_by_person(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    host = start_host(SftpLimits(per_person=2))
    transports += [host.transport(username) for username in ("ada", "ada", "ada", "bob")]

    # They count from the login on: of ada's three connections one is too many.
    with pytest.raises(paramiko.ChannelException):
        transports[2].open_session(timeout=60)
    Raw(transports[3])


def test_who_does_not_log_in_or_idles_is_cut(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    strict, host = start_host(SftpLimits(login_s=0.5)), start_host(SftpLimits(idle_s=3))
    idle = host.transport("ada")
    transports.append(idle)
    Raw(idle)
    with socket.create_connection(("127.0.0.1", strict.server.port), timeout=60) as silent:
        silent.recv(100)

        assert silent.recv(10_000) == b""
    _until(lambda: not idle.is_active())
    assert still_serves(host)


def test_a_port_that_is_taken_is_said_in_words(platform: Platform, host: Any) -> None:
    taken = SftpServer(
        "127.0.0.1",
        host.server.port,
        platform.state.keys / "sftp_host.key",
        PlatformDirectory(platform),
    )

    with pytest.raises(ToolError, match=r"SFTP cannot listen on 127\.0\.0\.1 port .*in use"):
        taken.start()
    taken.stop()
