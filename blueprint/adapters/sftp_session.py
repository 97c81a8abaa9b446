"""One SFTP connection: who it is, and how much of the machine it may use."""

import base64
import contextlib
import hashlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

import paramiko
from paramiko import common
from paramiko.message import Message
from paramiko.packet import Packetizer

from blueprint.adapters.sftp_port import Directory, Login
from blueprint.clock import monotonic_s

_log = logging.getLogger("blueprint.sftp")
_WINDOW_BYTES = 256 * 1024
# RFC 4253 asks for 35,000 bytes and OpenSSH takes 256 KiB: more than this is an attack.
_MAX_SSH_READ_BYTES = 512 * 1024
_OUTDATED = {
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
    "macs": ["hmac-sha1", "hmac-md5", "hmac-sha1-96", "hmac-md5-96"],
}


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
    """At a time in one session, files and folders each."""
    buffered_bytes: int = 4 * 1024 * 1024
    """Sent to us and not looked at yet, in one connection."""
    login_s: float = 10
    idle_s: float = 600


class Session(paramiko.ServerInterface):
    """One connection, from the first packet to the last."""

    def __init__(
        self,
        client: socket.socket,
        address: str,
        directory: Directory,
        limits: SftpLimits,
        may_join: Callable[["Session"], bool],
    ) -> None:
        self.address = address
        self.directory = directory
        self.limits = limits
        self.login: Login | None = None
        """Whose key was shown last; it proves nothing before the transport is authenticated."""
        self.began_s = self.active_s = monotonic_s()
        self.is_cut = False
        self.transport = paramiko.Transport(
            client,
            default_window_size=_WINDOW_BYTES,
            disabled_algorithms=_OUTDATED,
            packetizer_class=self._packetizer,  # type: ignore[arg-type]  # it is only called
        )
        self._socket = client
        self._may_join = may_join
        self._channels: list[paramiko.Channel] = []

    @property
    def person(self) -> Login | None:
        """Who proved to hold a key, while they are connected."""
        return self.login if self.transport.is_authenticated() else None

    @property
    def name(self) -> str:
        """The username, for the log."""
        return self.login.username if self.login else "nobody"

    def cut(self, why: str) -> None:
        """End it at once; what its threads are waiting for fails, and they let go of the rest."""
        self.is_cut = True
        _log.info("%s (%s): cut, %s", self.name, self.address, why)
        with contextlib.suppress(OSError):  # it had gone already
            self._socket.shutdown(socket.SHUT_RDWR)

    def get_allowed_auths(self, username: str) -> str:
        """Return the only way in: a public key."""
        del username
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Accept a key of a person who may take part; paramiko then has its owner prove it."""
        digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode("ascii")
        self.login = None
        try:
            self.login = self.directory.log_in(username, "SHA256:" + digest.rstrip("="))
        except Exception:  # noqa: BLE001  # paramiko would swallow it; nobody comes in
            _log.exception("a login could not be judged")
        return common.AUTH_FAILED if self.login is None else common.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """Accept sessions, a few at a time; no forwarding of any kind."""
        del chanid
        if kind != "session":
            return common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        if len(self._channels) >= self.limits.channels or not self._may_join(self):
            return common.OPEN_FAILED_RESOURCE_SHORTAGE
        return common.OPEN_SUCCEEDED

    def _packetizer(self, stream: socket.socket) -> Packetizer:
        return BoundedPacketizer(stream, self._guard)

    def _guard(self) -> None:
        """Note new channels, and end a connection that sends faster than it is answered.

        Called before every packet, in the thread that reads them: paramiko itself neither waits
        for its buffers nor holds clients to the window that they were given.
        """
        while self.transport.server_accepts:
            channel = self.transport.accept(0)
            if channel is not None:
                self._channels.append(channel)
        self._channels = [channel for channel in self._channels if not channel.closed]
        waiting = sum(len(one.in_buffer) + len(one.in_stderr_buffer) for one in self._channels)
        if waiting > self.limits.buffered_bytes:
            raise EOFError


class BoundedPacketizer(Packetizer):
    """Reads SSH packets, none of them larger than any honest client sends."""

    def __init__(self, stream: socket.socket, before_packet: Callable[[], None]) -> None:
        super().__init__(stream)
        self._before_packet = before_packet

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        """Return `n` bytes; the length that a packet claims is in the hands of the client."""
        if n > _MAX_SSH_READ_BYTES:
            raise paramiko.SSHException(f"a packet of {n} bytes is too large")
        return super().read_all(n, check_rekey)

    def read_message(self) -> tuple[int, Message]:
        """Return the next packet, once the connection's guard agrees."""
        self._before_packet()
        return super().read_message()
