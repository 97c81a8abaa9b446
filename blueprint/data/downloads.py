"""A file on its way to a person: read in pieces, asked again whether they may, noted at the end."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blueprint.adapters.sftp_port import Node
from blueprint.clock import monotonic_s
from blueprint.data.release_files import open_beneath

_ASK_AGAIN_S = 1.0


class Reader:
    """Reads from bytes that we made, or from a file of a release."""

    def __init__(self, content: bytes, descriptor: int | None = None) -> None:
        self._content = content
        self._descriptor = descriptor

    @classmethod
    def of_file(cls, folder: Path, path: str, size_bytes: int) -> "Reader":
        """Open a file of a release.

        Raises:
            OSError: It is missing, lies behind a link, or has another size than was signed.
        """
        descriptor = open_beneath(folder, path)
        if os.fstat(descriptor).st_size != size_bytes:
            os.close(descriptor)
            raise OSError(f"{path} is not the file that its manifest was made of")
        return cls(b"", descriptor)

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        if self._descriptor is None:
            return self._content[offset : offset + length]
        return os.pread(self._descriptor, length, offset)

    def close(self) -> None:
        """Let go of the file; a second call changes nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


@dataclass(frozen=True)
class Oversight:
    """What a download asks and tells on its way."""

    may_go_on: Callable[[], bool]
    at_end: Callable[[int, bool], None]
    """Takes the bytes sent, and whether that was the whole file."""


class Download:
    """One open file; every second of reading asks again whether the person still may."""

    def __init__(self, node: Node, reader: Reader, oversight: Oversight) -> None:
        self.node = node
        self._reader = reader
        self._oversight = oversight
        self._asked_s = monotonic_s()

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`; empty at the end.

        Raises:
            PermissionError: The person may no longer.
        """
        now_s = monotonic_s()
        if now_s - self._asked_s > _ASK_AGAIN_S:
            if not self._oversight.may_go_on():
                raise PermissionError(self.node.name)
            self._asked_s = now_s
        return self._reader.read(offset, length)

    def close(self, sent_bytes: int, *, complete: bool) -> None:
        """Let go of the file and note how much of it was sent."""
        self._reader.close()
        self._oversight.at_end(sent_bytes, complete)
