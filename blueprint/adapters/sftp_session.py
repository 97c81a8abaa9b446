"""One SFTP connection: who it is, and how much of the machine it may use."""

import base64
import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_FAILED_RESOURCE_SHORTAGE,
    OPEN_SUCCEEDED,
)
from paramiko.message import Message
from paramiko.packet import Packetizer

from blueprint.adapters.sftp_port import Directory, Login
from blueprint.clock import monotonic_s

_log = logging.getLogger("blueprint.sftp")
# RFC 4253 asks for 35,000 bytes and OpenSSH takes 256 KiB: more than this is an attack.
_MAX_SSH_READ_BYTES = 512 * 1024


@dataclass(frozen=True)
class SftpLimits:
    """How much of the machine clients may use."""

    connections: int = 64
    """Of people who have logged in."""
    strangers: int = 32
    """Connections that have not logged in yet, besides."""
    per_person: int = 8
    channels: int = 8
    """Sessions at a time in one connection."""
    open_files: int = 64
    """At a time in one connection, files and folders each."""
    buffered_bytes: int = 4 * 1024 * 1024
    """Sent to us and not looked at yet, in one connection."""
    login_s: float = 10
    idle_s: float = 600


class Session(paramiko.ServerInterface):
    """The state of one connection, from the first packet to the last."""

    def __init__(
        self,
        directory: Directory,
        limits: SftpLimits,
        *,
        may_join: Callable[[int], bool],
        subsystems: set[threading.Thread],
    ) -> None:
        self.directory = directory
        self.limits = limits
        self.login: Login | None = None
        self.began_s = self.active_s = monotonic_s()
        self.subsystems = subsystems
        """The threads of all connections that answer SFTP requests now."""
        self._may_join = may_join
        self._channels: list[paramiko.Channel] = []

    def get_allowed_auths(self, username: str) -> str:
        """Return the only way in: a public key."""
        del username
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Accept a key of a person who may take part; paramiko then has its owner prove it."""
        digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode("ascii")
        try:
            self.login = self.directory.log_in(username, "SHA256:" + digest.rstrip("="))
        except Exception:  # noqa: BLE001  # paramiko would swallow it; nobody comes in
            _log.exception("a login could not be judged")
            self.login = None
        return AUTH_FAILED if self.login is None else AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """Accept sessions, a few at a time; no forwarding of any kind."""
        del chanid
        if kind != "session" or self.login is None:
            return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        if len(self._channels) >= self.limits.channels or not self._may_join(self.login.person_id):
            return OPEN_FAILED_RESOURCE_SHORTAGE
        return OPEN_SUCCEEDED

    def check_channel_env_request(
        self, channel: paramiko.Channel, name: bytes, value: bytes
    ) -> bool:
        """Refuse: nothing of the client's environment is used."""
        del channel, name, value
        return False

    def guard(self, transport: paramiko.Transport) -> None:
        """Note new channels, and end a connection that sends faster than it is answered.

        Called before every packet, in the thread that reads them: paramiko itself neither waits
        for its buffers nor holds clients to the window that they were given.
        """
        while transport.server_accepts:
            channel = transport.accept(0)
            if channel is not None:
                self._channels.append(channel)
        self._channels = [channel for channel in self._channels if not channel.closed]
        waiting = sum(
            len(channel.in_buffer) + len(channel.in_stderr_buffer) for channel in self._channels
        )
        if waiting > self.limits.buffered_bytes:
            raise EOFError


class BoundedPacketizer(Packetizer):
    """Reads SSH packets, none of them larger than any honest client sends."""

    before_packet: Callable[[], None] | None = None

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        """Return `n` bytes; the length that a packet claims is in the hands of the client."""
        if n > _MAX_SSH_READ_BYTES:
            raise paramiko.SSHException(f"a packet of {n} bytes is too large")
        return super().read_all(n, check_rekey)

    def read_message(self) -> tuple[int, Message]:
        """Return the next packet, once the session's guard agrees."""
        if self.before_packet is not None:
            self.before_packet()
        return super().read_message()
