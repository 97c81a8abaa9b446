"""Clients that mean harm: they cannot leave their tree, stop the server, or use it up."""

import os
import resource
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import paramiko
import pytest
from paramiko.sftp import (
    CMD_CLOSE,
    CMD_EXTENDED,
    CMD_INIT,
    CMD_OPEN,
    CMD_OPENDIR,
    CMD_READ,
    CMD_STATUS,
    CMD_WRITE,
    SFTP_EOF,
    SFTP_FAILURE,
    SFTP_NO_SUCH_FILE,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
)

from blueprint.adapters.sftp_server import SftpServer
from blueprint.adapters.sftp_session import SftpLimits
from blueprint.data.access_log import list_accesses
from blueprint.data.sftp_directory import PlatformDirectory
from blueprint.errors import ToolError
from blueprint.platform import Platform


class Raw:
    """An SFTP client that sends whatever it is told to."""

    def __init__(self, transport: paramiko.Transport) -> None:
        self.channel = transport.open_session(timeout=10)
        self.channel.settimeout(10)
        self.channel.invoke_subsystem("sftp")
        self.send(bytes([CMD_INIT]) + struct.pack(">I", 3))
        self.receive()

    def send(self, packet: bytes) -> None:
        """Send one packet with its true length."""
        self.channel.sendall(struct.pack(">I", len(packet)) + packet)

    def ask(self, kind: int, body: bytes) -> tuple[int, bytes]:
        """Send a request and return the type and body (after the number) of its answer."""
        self.send(bytes([kind]) + struct.pack(">I", 7) + body)
        answer = self.receive()
        return answer[0], answer[5:]

    def status(self, kind: int, body: bytes) -> int:
        """Send a request that is answered by a status, and return that."""
        told, answer = self.ask(kind, body)
        assert told == CMD_STATUS
        return int.from_bytes(answer[:4], "big")

    def receive(self) -> bytes:
        """Return the next packet; EOFError when the server hung up."""
        return self._exactly(int.from_bytes(self._exactly(4), "big"))

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.channel.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data


def text(value: bytes) -> bytes:
    """Return a string as SFTP packs it."""
    return struct.pack(">I", len(value)) + value


@pytest.fixture
def raw(host: Any, transports: list[paramiko.Transport]) -> Raw:
    """A raw session of ada."""
    transports.append(host.transport("ada"))
    return Raw(transports[-1])


def _still_serves(host: Any) -> bool:
    transport = host.transport("bob")
    try:
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        return "training" in client.listdir("/")
    finally:
        transport.close()


@pytest.mark.parametrize(
    "path",
    [b"/../../../etc/passwd", b"../../state/platform.db", b"/training/../../data/later/secret.txt",
     b"/training/case-01/../../../../../etc/passwd", b"/etc/passwd", b"/training/\0/etc/passwd",
     b"/training/big.bin\0.txt", b"/training/big.bin/..", b"/training/", b"/", b"", b"a" * 5000,
     b"/" * 5000, b"/training/.hidden", b"/later/secret.txt", b"/proc/self/environ"],
)  # fmt: skip
def test_hostile_paths_are_no_such_file(raw: Raw, path: bytes) -> None:
    assert raw.status(CMD_OPEN, text(path) + struct.pack(">II", 1, 0)) == SFTP_NO_SUCH_FILE


@pytest.mark.parametrize("flags", [2, 3, 4 | 1, 8 | 1, 16 | 1, 32 | 1, 2 | 8 | 16])
def test_no_file_is_opened_to_be_written(raw: Raw, flags: int) -> None:
    body = text(b"/training/big.bin") + struct.pack(">II", flags, 0)

    assert raw.status(CMD_OPEN, body) == SFTP_PERMISSION_DENIED


def test_an_open_file_cannot_be_written(raw: Raw, tmp_path: Any) -> None:
    _, answer = raw.ask(CMD_OPEN, text(b"/training/big.bin") + struct.pack(">II", 1, 0))

    told = raw.status(CMD_WRITE, text(answer[4:]) + struct.pack(">Q", 0) + text(b"mine"))

    assert told == SFTP_PERMISSION_DENIED
    assert (tmp_path / "data" / "training" / "big.bin").read_bytes()[:2] == bytes([0, 1])


def test_a_path_that_is_not_utf8_is_an_error_and_no_more(raw: Raw, host: Any) -> None:
    assert raw.status(CMD_OPEN, text(b"/\xff\xfe") + struct.pack(">II", 1, 0)) == SFTP_FAILURE
    assert _still_serves(host)


def test_a_link_inside_the_release_folder_is_not_served(
    host: Any, log_in: Callable[..., paramiko.SFTPClient], tmp_path: Any
) -> None:
    training = tmp_path / "data" / "training"
    (training / "extra").symlink_to("/etc/passwd")
    (training / "case-01").rename(tmp_path / "elsewhere")
    (training / "case-01").symlink_to(tmp_path / "elsewhere")
    (training / "empty.txt").unlink()
    (training / "empty.txt").symlink_to("/dev/null")
    sftp = log_in("ada")

    for path in ("extra", "case-01/t1.nii.gz", "empty.txt"):
        with pytest.raises(OSError, match=r"Failure|No such file"):
            sftp.open(f"/training/{path}")
    assert _still_serves(host)


@pytest.mark.parametrize("length", [0, 256 * 1024 + 1, 0x00FFFFFF, 0xFFFFFFFF])
def test_an_sftp_packet_of_absurd_length_ends_the_session(raw: Raw, host: Any, length: int) -> None:
    raw.channel.sendall(struct.pack(">I", length))

    with pytest.raises(EOFError):
        raw.receive()
    assert _still_serves(host)


def test_packets_of_noise_end_in_errors(raw: Raw, host: Any) -> None:
    for kind in (0, 2, 99, 255, *range(3, 21), 200):
        raw.send(bytes([kind]))
        raw.send(bytes([kind]) + b"\xff" * 50)
    for _ in range(2 * 21):
        raw.receive()
    assert _still_serves(host)


def test_reads_of_absurd_places_and_lengths_are_answered(raw: Raw) -> None:
    _, answer = raw.ask(CMD_OPEN, text(b"/training/big.bin") + struct.pack(">II", 1, 0))
    handle = answer[4:]

    for offset in (3_000_000, 2**63 - 1, 2**63, 2**64 - 1):
        assert raw.status(CMD_READ, text(handle) + struct.pack(">QI", offset, 10)) == SFTP_EOF
    _, data = raw.ask(CMD_READ, text(handle) + struct.pack(">QI", 0, 0xFFFFFFFF))
    assert int.from_bytes(data[:4], "big") == 256 * 1024


def test_asking_for_the_same_bytes_again_adds_nothing_to_the_log(
    raw: Raw, platform: Platform
) -> None:
    _, answer = raw.ask(CMD_OPEN, text(b"/training/big.bin") + struct.pack(">II", 1, 0))
    for _ in range(5):
        raw.ask(CMD_READ, text(answer[4:]) + struct.pack(">QI", 100, 1000))
    raw.ask(CMD_CLOSE, text(answer[4:]))

    (access,) = list_accesses(platform.database)
    assert (access.sent_bytes, access.complete) == (1000, False)


def test_the_extension_that_hashes_for_ever_is_off(raw: Raw) -> None:
    _, answer = raw.ask(CMD_OPEN, text(b"/training/big.bin") + struct.pack(">II", 1, 0))
    body = text(b"check-file") + text(answer[4:]) + text(b"md5")

    told = raw.status(CMD_EXTENDED, body + struct.pack(">QQI", 0, 2**62, 256))

    assert told == SFTP_OP_UNSUPPORTED


def test_files_and_folders_can_be_held_open_up_to_a_limit(raw: Raw) -> None:
    kinds = [(CMD_OPEN, text(b"/training/big.bin") + struct.pack(">II", 1, 0))]
    kinds.append((CMD_OPENDIR, text(b"/training")))
    for kind, body in kinds:
        answers = [raw.ask(kind, body)[0] for _ in range(65)]
        assert answers.count(CMD_STATUS) == 1
        assert answers[-1] == CMD_STATUS


def test_a_folder_handle_is_no_file(raw: Raw) -> None:
    _, answer = raw.ask(CMD_OPENDIR, text(b"/training"))

    told = raw.status(CMD_READ, text(answer[4:]) + struct.pack(">QI", 0, 10))

    assert told != 0


def test_a_claim_of_a_giant_ssh_packet_is_refused_before_it_is_read(host: Any) -> None:
    began_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with socket.create_connection(("127.0.0.1", host.server.port), timeout=10) as wire:
        wire.recv(100)
        wire.sendall(b"SSH-2.0-attack\r\n")
        # A length that fits the block size, so that only a limit can refuse it.
        wire.sendall(struct.pack(">I", 0x7FFFFFF4))
        sent = 0
        try:
            while sent < 256 * 1024 * 1024:
                sent += wire.send(bytes(65_536))
        except OSError:
            pass

    assert sent < 64 * 1024 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began_kib < 100 * 1024
    assert _still_serves(host)


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

    assert _still_serves(host)


@pytest.mark.parametrize(
    "greeting", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 1000, b"SSH-2.0-x\r\n" + os.urandom(500)]
)
def test_what_is_not_ssh_is_hung_up_on(host: Any, greeting: bytes) -> None:
    with socket.create_connection(("127.0.0.1", host.server.port), timeout=10) as wire:
        wire.sendall(greeting)
    assert _still_serves(host)


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
        transport.open_session(timeout=10).exec_command("id")
    else:
        transport.open_session(timeout=10).invoke_shell()


def test_a_connection_opens_so_many_sessions_and_no_more(
    host: Any, transports: list[paramiko.Transport]
) -> None:
    transport = host.transport("ada")
    transports.append(transport)
    sessions = [Raw(transport) for _ in range(8)]

    with pytest.raises(paramiko.ChannelException):
        transport.open_session(timeout=10)

    sessions[0].channel.close()
    _until(lambda: _opens(transport))


def _opens(transport: paramiko.Transport) -> bool:
    try:
        transport.open_session(timeout=10).close()
    except paramiko.ChannelException:
        return False
    return True


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_connections_are_limited_by_address_and_come_free_again(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    host = start_host(SftpLimits(per_address=3))
    transports += [host.transport(username) for username in ("ada", "bob", "ada")]

    with pytest.raises((paramiko.SSHException, EOFError, OSError)):
        host.transport("bob")

    transports[0].close()
    _until(lambda: _comes_in(host, transports))


def _comes_in(host: Any, transports: list[paramiko.Transport]) -> bool:
    try:
        transports.append(host.transport("bob"))
    except (paramiko.SSHException, EOFError, OSError):
        return False
    return True


def test_connections_are_limited_by_person(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    host = start_host(SftpLimits(per_person=2))
    transports += [host.transport(username) for username in ("ada", "ada", "ada", "bob")]

    # They count from the login on: of ada's three connections one is too many.
    with pytest.raises(paramiko.ChannelException):
        transports[2].open_session(timeout=10)
    Raw(transports[3])


def test_who_does_not_log_in_or_idles_is_cut(
    start_host: Callable[..., Any], transports: list[paramiko.Transport]
) -> None:
    host = start_host(SftpLimits(login_s=0.5, idle_s=0.5))
    idle = host.transport("ada")
    transports.append(idle)
    Raw(idle)
    with socket.create_connection(("127.0.0.1", host.server.port), timeout=10) as silent:
        silent.recv(100)

        assert silent.recv(10_000) == b""
    _until(lambda: not idle.is_active())
    assert _still_serves(host)


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
