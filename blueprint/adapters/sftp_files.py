"""The SFTP subsystem: a virtual tree to list and read, and a polite no to everything else."""

import logging
from typing import TypeVar

import paramiko
from paramiko import sftp
from paramiko.message import Message

from blueprint.adapters.sftp_port import Directory, Login, Path
from blueprint.adapters.sftp_session import Session
from blueprint.adapters.sftp_transfer import Transfer, attributes_of
from blueprint.clock import monotonic_s

_log = logging.getLogger("blueprint.sftp")
_MAX_PACKET_BYTES = 256 * 1024
_MAX_PATH = 4096
_SERVED = frozenset({
    sftp.CMD_OPEN, sftp.CMD_CLOSE, sftp.CMD_READ, sftp.CMD_OPENDIR, sftp.CMD_READDIR,
    sftp.CMD_STAT, sftp.CMD_LSTAT, sftp.CMD_FSTAT, sftp.CMD_REALPATH,
})  # fmt: skip
"""Nothing else reaches paramiko, which counts and hashes as much as a client tells it to."""

T = TypeVar("T")


class ReadOnlySftp(paramiko.SFTPServer):
    """Paramiko's SFTP subsystem without what a client could change, or exhaust us with."""

    server: "VirtualTree"
    sock: paramiko.Channel

    def serves(self, directory: Directory) -> bool:
        """Tell whether it shows this directory."""
        return self.server.session.directory is directory

    def finish_subsystem(self) -> None:
        """End what is still open: the client did not close it, so it is not complete."""
        for handle in self.file_table.values():
            if isinstance(handle, Transfer):
                handle.end(by_client=False)
        super().finish_subsystem()

    def _read_packet(self) -> tuple[int, bytes]:
        head = self._read_all(4)  # type: ignore[attr-defined]  # not in the stubs
        size = int.from_bytes(head, "big")
        if not 0 < size <= _MAX_PACKET_BYTES:
            raise sftp.SFTPError(f"a packet of {size} bytes is refused")
        data: bytes = self._read_all(size)  # type: ignore[attr-defined]  # not in the stubs
        self.server.session.active_s = monotonic_s()
        return data[0], data[1:]

    def _process(self, kind: int, number: int, message: Message) -> None:
        try:
            status = self._answer(kind, number, message)
        except PermissionError:
            status = sftp.SFTP_PERMISSION_DENIED
        except FileNotFoundError:
            status = sftp.SFTP_NO_SUCH_FILE
        except Exception as error:  # noqa: BLE001  # paramiko would swallow it; the client is told all the same
            status = sftp.SFTP_FAILURE
            if not self.sock.closed:
                self._tell(error)
        if status is not None:
            self._send_status(number, status)  # type: ignore[attr-defined]  # not in the stubs

    def _tell(self, error: Exception) -> None:
        told = (self.server.session.name, type(error).__name__, error)
        is_known = isinstance(error, OSError | ValueError)
        _log.warning("%s could not be served: %s: %s", *told, exc_info=not is_known)

    def _answer(self, kind: int, number: int, message: Message) -> int | None:
        """Answer one request, or return the status that does."""
        if kind not in _SERVED:
            is_unknown = kind == sftp.CMD_EXTENDED
            return sftp.SFTP_OP_UNSUPPORTED if is_unknown else sftp.SFTP_PERMISSION_DENIED
        opened = {sftp.CMD_OPEN: self.file_table, sftp.CMD_OPENDIR: self.folder_table}
        if len(opened.get(kind, ())) >= self.server.session.limits.open_files:
            return sftp.SFTP_FAILURE
        if kind != sftp.CMD_OPEN:
            super()._process(kind, number, message)  # type: ignore[misc]  # not in the stubs
            return None
        # Attributes follow, as many as they say they are: they are for writing, and not read.
        path, flags = message.get_text(), message.get_int()
        if flags != sftp.SFTP_FLAG_READ:
            return sftp.SFTP_PERMISSION_DENIED
        transfer = self.server.opened(path)
        self._send_handle_response(number, transfer)  # type: ignore[attr-defined]  # same
        return None


class VirtualTree(paramiko.SFTPServerInterface):
    """Answers the requests of one subsystem from what the directory shows the person."""

    def __init__(self, server: Session) -> None:
        super().__init__(server)
        self.session = server

    def opened(self, path: str) -> Transfer:
        """Return a file, opened to read it."""
        return Transfer(self.session.directory.open(self._login, parts_of(path)))

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes]:
        """Return what lies in a folder."""
        nodes = _found(self.session.directory.children(self._login, parts_of(path)))
        return [attributes_of(node) for node in nodes]

    def stat(self, path: str) -> paramiko.SFTPAttributes:
        """Return the attributes of a file or folder."""
        return attributes_of(_found(self.session.directory.node(self._login, parts_of(path))))

    lstat = stat  # the virtual tree has no links

    def canonicalize(self, path: str) -> str:
        """Return the absolute form of a path, which never leaves the root."""
        return "/" + "/".join(parts_of(path))

    @property
    def _login(self) -> Login:
        if self.session.login is None:
            raise PermissionError
        return self.session.login


def _found(what: T | None) -> T:
    if what is None:
        raise FileNotFoundError
    return what


def parts_of(path: str) -> Path:
    """Return the parts of a path as a client wrote it, relative to the root whatever it says.

    `..` goes up by name alone and stops at the root: there are no links that could lead elsewhere.

    Raises:
        FileNotFoundError: No path of the tree could look like this.
    """
    if len(path) > _MAX_PATH or "\0" in path:
        raise FileNotFoundError
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts)
