"""Keeps the beginning and the end of what a program prints, however much that is."""

_HEAD_BYTES = 16 * 1024
_TAIL_BYTES = 47 * 1024


class BoundedLog:
    """A log of at most 64 KiB: where something is left out, a line says how much."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._left_out = 0

    def add(self, chunk: bytes) -> None:
        """Take the next part."""
        room = _HEAD_BYTES - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:] if room else chunk
        excess = len(self._tail) - _TAIL_BYTES
        if excess > 0:
            del self._tail[:excess]
            self._left_out += excess

    def content(self) -> bytes:
        """Return what was kept."""
        if not self._left_out:
            return bytes(self._head + self._tail)
        note = f"\n... {self._left_out} bytes left out ...\n".encode()
        return bytes(self._head) + note + bytes(self._tail)
