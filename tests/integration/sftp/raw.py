"""A client below SFTP libraries, and a look at whether the server still serves."""

import struct
from typing import Any

import paramiko
from paramiko.sftp import CMD_INIT, CMD_STATUS


class Raw:
    """An SFTP client that sends whatever it is told to."""

    def __init__(self, transport: paramiko.Transport) -> None:
        self.channel = transport.open_session(timeout=60)
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


def still_serves(host: Any) -> bool:
    transport = host.transport("bob")
    try:
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        return "training" in client.listdir("/")
    finally:
        transport.close()
