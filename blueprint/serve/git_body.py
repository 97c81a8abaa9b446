"""A request's body as it comes in: unpacked, counted, never whole in memory, never for ever."""

import asyncio
import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from blueprint.serve.git_gate import RefusedError
from blueprint.serve.patience import Patience

_HEAD_BYTES = 16_384
_PIECE_BYTES = 1024**2
_MAX_TAIL_BYTES = 65_536
_GZIP_WBITS = 31  # zlib's number for a gzip header and the largest window


class Body:
    """A request's body; unpacked here, so that bounds count what git would read."""

    def __init__(self, receive: Receive, *, is_gzip: bool) -> None:
        self.receive = receive
        self.head = b""
        """The first few kilobytes as they came, for telling which refs are pushed."""
        self.raw_bytes = 0
        """As they came, compressed or not."""
        self._is_gzip = is_gzip
        self._has_more = True
        self._patience = Patience()

    async def content(self) -> AsyncIterator[bytes]:
        """Yield the content in pieces; what follows the end of a compressed one is no part of it.

        Raises:
            ClientDisconnect: The client went away.
            TimeoutError: It was too slow.
            RefusedError: It is not compressed as it claims.
        """
        unpacker = zlib.decompressobj(_GZIP_WBITS)
        while self._has_more and not unpacker.eof:
            packed = await self._received()
            if not self._is_gzip:
                yield packed
                continue
            while packed and not unpacker.eof:
                try:
                    piece = unpacker.decompress(packed, _PIECE_BYTES)
                except zlib.error:
                    raise RefusedError(400, "refused: this is not compressed by gzip") from None
                packed = unpacker.unconsumed_tail
                yield piece

    async def drain(self, *, max_bytes: int, max_s: float) -> bool:
        """Read and drop what is left; return whether the end was reached within the bounds.

        A client that is still sending when the connection closes never reads the answer.
        """
        end_bytes = self.raw_bytes + max_bytes
        try:
            async with asyncio.timeout(max_s):
                while self._has_more and self.raw_bytes <= end_bytes:
                    await self._received()
        except (TimeoutError, ClientDisconnect):
            return False
        return not self._has_more

    async def wait_gone(self) -> None:
        """Return when the client has gone away (after the whole body was read), or babbles on."""
        tail_bytes = 0
        while tail_bytes <= _MAX_TAIL_BYTES:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return
            tail_bytes += len(message.get("body", b""))

    async def _received(self) -> bytes:
        message = await self._patience.wait(self.receive())
        if message["type"] != "http.request":
            raise ClientDisconnect
        self._has_more = bool(message.get("more_body", False))
        chunk = bytes(message.get("body", b""))
        self.raw_bytes += len(chunk)
        self._patience.earn(len(chunk))
        if len(self.head) < _HEAD_BYTES:
            self.head += chunk[: _HEAD_BYTES - len(self.head)]
        return chunk
