"""Moves a request's body into the git backend: counted, never whole in memory, never for ever."""

import zlib
from dataclasses import dataclass, field
from enum import Enum

from starlette.types import Receive

from blueprint.adapters.git_http import GitHttpBackend
from blueprint.clock import monotonic_s
from blueprint.serve.git_commands import CommandCounter
from blueprint.serve.patience import Patience

PAUSE_S = 60.0
MIN_BYTES_PER_S = 4096
"""Half of what the slowest line brings that anybody would push a submission over."""
DRAIN_S = 60.0
DRAIN_BYTES = 4 * 1024**3
_HEAD_BYTES = 16_384
_PIECE_BYTES = 1024**2
_MAX_TAIL_BYTES = 65_536
_GZIP_WBITS = 31  # zlib's number for a gzip header and the largest window


class Fed(Enum):
    """How a body ended."""

    WHOLE = "whole"
    TOO_LARGE = "too large"
    TOO_MANY = "too many commands in a push"
    GONE = "the client went away, or was too slow"


@dataclass
class Body:
    """A request's body as it comes in, unpacked here so that bounds count what git would read."""

    receive: Receive
    is_gzip: bool = False
    head: bytes = b""
    """The first few kilobytes, for telling which refs are pushed."""
    read_bytes: int = 0
    """Of the content."""
    raw_bytes: int = 0
    """As they came, compressed or not."""
    is_whole: bool = False
    is_gone: bool = False
    _has_more: bool = True
    _unpacker: "zlib._Decompress" = field(init=False)
    _patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self._unpacker = zlib.decompressobj(_GZIP_WBITS)
        self._patience = Patience(pause_s=PAUSE_S, bytes_per_s=MIN_BYTES_PER_S)

    async def next_chunk(self) -> bytes:
        """Return the next part; afterwards `is_whole` or `is_gone` may have become true."""
        if self.is_whole or self.is_gone:
            return b""
        packed = self._unpacker.unconsumed_tail
        chunk = packed or await self._received()
        if self.is_gzip:
            chunk = self._unpacked(chunk)
        self.read_bytes += len(chunk)
        if len(self.head) < _HEAD_BYTES:
            self.head += chunk[: _HEAD_BYTES - len(self.head)]
        self.is_whole = self._is_at_end()
        return chunk

    def _is_at_end(self) -> bool:
        if self.is_gzip and self._unpacker.eof:
            return True  # whatever follows the compressed content is not part of it
        return not (self.is_gone or self._has_more or self._unpacker.unconsumed_tail)

    def _unpacked(self, packed: bytes) -> bytes:
        try:
            return self._unpacker.decompress(packed, _PIECE_BYTES)
        except zlib.error:
            self.is_gone = True  # what is no gzip file does not go on
            return b""

    async def _received(self) -> bytes:
        try:
            message = await self._patience.wait(self.receive())
        except TimeoutError:
            message = {"type": "http.disconnect"}
        if message["type"] != "http.request":
            self.is_gone = True
            return b""
        self._has_more = bool(message.get("more_body", False))
        chunk = bytes(message.get("body", b""))
        self.raw_bytes += len(chunk)
        self._patience.earn(len(chunk))
        return chunk

    async def drain(self, *, max_bytes: int = DRAIN_BYTES, max_s: float = DRAIN_S) -> bool:
        """Read and drop what is left; return whether the end was reached within the bounds.

        A client that is still sending when the connection closes never reads the answer.
        """
        if self.is_gzip:  # what is dropped need not be unpacked
            self.is_gzip, self._unpacker = False, zlib.decompressobj()
            self.is_whole = not self._has_more
        end_bytes, end_s = self.raw_bytes + max_bytes, monotonic_s() + max_s
        self._patience = Patience(pause_s=max_s, bytes_per_s=MIN_BYTES_PER_S)
        while not (self.is_whole or self.is_gone):
            if self.raw_bytes > end_bytes or monotonic_s() > end_s:
                return False
            await self.next_chunk()
        return self.is_whole

    async def wait_gone(self) -> None:
        """Return when the client has gone away (after the whole body was read), or babbles on."""
        tail_bytes = 0
        while tail_bytes <= _MAX_TAIL_BYTES:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return
            tail_bytes += len(message.get("body", b""))


async def feed(
    body: Body, backend: GitHttpBackend, *, max_bytes: int, commands: CommandCounter | None = None
) -> Fed:
    """Pass the whole body to the backend and close its input; stop above a bound.

    When the backend stops reading, it has made up its mind: the rest is dropped, and its
    answer stands.
    """
    is_reading = True
    while not (body.is_whole or body.is_gone or backend.was_killed):
        chunk = await body.next_chunk()
        if max(body.read_bytes, body.raw_bytes) > max_bytes:
            return Fed.TOO_LARGE
        if commands is not None:
            commands.read(chunk)
            if commands.is_too_many:
                return Fed.TOO_MANY
        if chunk and is_reading:
            try:
                await backend.write(chunk)
            except OSError:
                is_reading = False
    backend.close_input()
    return Fed.WHOLE if body.is_whole else Fed.GONE
