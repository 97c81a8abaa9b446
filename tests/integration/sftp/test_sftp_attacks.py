"""Clients that mean harm: they cannot leave their tree or stop the server."""

import resource
import socket
import struct
from collections.abc import Callable
from typing import Any

import paramiko
import pytest
from paramiko.sftp import (
    CMD_CLOSE,
    CMD_EXTENDED,
    CMD_FSETSTAT,
    CMD_HANDLE,
    CMD_MKDIR,
    CMD_OPEN,
    CMD_OPENDIR,
    CMD_READ,
    CMD_SETSTAT,
    CMD_STATUS,
    CMD_WRITE,
    SFTP_EOF,
    SFTP_FAILURE,
    SFTP_NO_SUCH_FILE,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
)

from blueprint.data.access_log import list_accesses
from blueprint.platform import Platform
from tests.integration.sftp.raw import Raw, still_serves, text


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
    assert still_serves(host)


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
    assert still_serves(host)


@pytest.mark.parametrize("length", [0, 256 * 1024 + 1, 0x00FFFFFF, 0xFFFFFFFF])
def test_an_sftp_packet_of_absurd_length_ends_the_session(raw: Raw, host: Any, length: int) -> None:
    raw.channel.sendall(struct.pack(">I", length))

    with pytest.raises(EOFError):
        raw.receive()
    assert still_serves(host)


def test_packets_of_noise_end_in_errors(raw: Raw, host: Any) -> None:
    for kind in (0, 2, 99, 255, *range(3, 21), 200):
        raw.send(bytes([kind]))
        raw.send(bytes([kind]) + b"\xff" * 50)
    for _ in range(2 * 21):
        raw.receive()
    assert still_serves(host)


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


@pytest.mark.parametrize("kind", [CMD_OPEN, CMD_SETSTAT, CMD_FSETSTAT, CMD_MKDIR])
def test_attributes_are_not_counted_to_the_number_that_they_claim(raw: Raw, kind: int) -> None:
    flags = struct.pack(">I", 1) if kind == CMD_OPEN else b""
    four_billion = struct.pack(">II", 0x80000000, 0xFFFFFFFF)

    kind_told, _ = raw.ask(kind, text(b"/training/big.bin") + flags + four_billion)

    assert (kind_told == CMD_HANDLE) == (kind == CMD_OPEN)


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
    with socket.create_connection(("127.0.0.1", host.server.port), timeout=60) as wire:
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
    assert still_serves(host)
