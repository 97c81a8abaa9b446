"""One download over SFTP: reads within the file, counts what was sent, tells if it was all."""

from bisect import bisect_left

import paramiko

from blueprint.adapters.sftp_port import Node, OpenedFile

MAX_READ_BYTES = 256 * 1024
_MAX_PIECES = 4096
_FILE_MODE, _FOLDER_MODE = 0o100444, 0o040555


def attributes_of(node: Node) -> paramiko.SFTPAttributes:
    """Return a node as SFTP describes it: readable, owned by nobody in particular."""
    attributes = paramiko.SFTPAttributes()
    attributes.filename = node.name
    attributes.st_mode = _FOLDER_MODE if node.size_bytes is None else _FILE_MODE
    attributes.st_size = node.size_bytes or 0
    attributes.st_uid = attributes.st_gid = 0
    attributes.st_atime = attributes.st_mtime = int(node.modified_at_s)
    return attributes


class Coverage:
    """Which bytes of a file were sent at least once, in whatever order they were asked for.

    It keeps 4,096 separate pieces; a client that asks in more never counts as complete.
    """

    def __init__(self) -> None:
        self._pieces: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> None:
        """Count the bytes from `start` to before `end`."""
        at = bisect_left(self._pieces, (start, end))
        if at > 0 and self._pieces[at - 1][1] >= start:
            at -= 1
            start = self._pieces[at][0]
        until = at
        while until < len(self._pieces) and self._pieces[until][0] <= end:
            end = max(end, self._pieces[until][1])
            until += 1
        if until > at or len(self._pieces) < _MAX_PIECES:
            self._pieces[at:until] = [(start, end)]

    @property
    def sent_bytes(self) -> int:
        """How many bytes of the file were sent, those that were asked for twice counted once."""
        return sum(end - start for start, end in self._pieces)

    def is_whole(self, size_bytes: int) -> bool:
        """Tell whether every byte of a file of this size was sent."""
        return size_bytes == 0 or self._pieces == [(0, size_bytes)]


class Transfer(paramiko.SFTPHandle):
    """The server's side of one open file.

    A download is complete when every byte was sent and the client itself closed the file: one
    that was cut off may have left its last bytes on the way.
    """

    def __init__(self, file: OpenedFile) -> None:
        super().__init__(0)
        self._file = file
        self._size_bytes = file.node.size_bytes or 0
        self._coverage = Coverage()
        self._is_ended = False

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes there, at most 256 KiB of them; empty is the end of the file."""
        length = min(length, MAX_READ_BYTES, self._size_bytes - offset)
        data = self._file.read(offset, length) if length > 0 else b""
        if data:
            self._coverage.add(offset, offset + len(data))
        return data

    def stat(self) -> paramiko.SFTPAttributes:
        """Return the attributes of the open file."""
        return attributes_of(self._file.node)

    def close(self) -> None:
        """End the download at the client's wish."""
        self.end(by_client=True)

    def end(self, *, by_client: bool) -> None:
        """End the download; a second call changes nothing."""
        if not self._is_ended:
            self._is_ended = True
            whole = self._coverage.is_whole(self._size_bytes)
            self._file.close(self._coverage.sent_bytes, complete=by_client and whole)
