"""The SFTP subsystem: a virtual tree to list and read, and a polite no to everything else."""

import logging
import os
import threading
from collections.abc import Callable
from typing import TypeVar

import paramiko
from paramiko.message import Message
from paramiko.sftp import (
    SFTP_FAILURE,
    SFTP_NO_SUCH_FILE,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
    SFTPError,
)

from blueprint.adapters.sftp_port import Login, Path
from blueprint.adapters.sftp_session import Session
from blueprint.adapters.sftp_transfer import Transfer, attributes_of
from blueprint.clock import monotonic_s

_log = logging.getLogger("blueprint.sftp")
_MAX_PACKET_BYTES = 256 * 1024
_MAX_PATH = 4096

T = TypeVar("T")


class BoundedSftp(paramiko.SFTPServer):
    """Paramiko's SFTP subsystem without what a client could use to exhaust us."""

    server: "ReadOnlyFiles"

    def _read_packet(self) -> tuple[int, bytes]:
        head = self._read_all(4)  # type: ignore[attr-defined]  # not in the stubs
        size = int.from_bytes(head, "big")
        if not 0 < size <= _MAX_PACKET_BYTES:
            raise SFTPError(f"a packet of {size} bytes is refused")
        data: bytes = self._read_all(size)  # type: ignore[attr-defined]  # not in the stubs
        self.server.session.active_s = monotonic_s()
        return data[0], data[1:]

    def _open_folder(self, request_number: int, path: str) -> None:
        if len(self.folder_table) >= self.server.session.limits.open_files:
            self._send_status(request_number, SFTP_FAILURE)  # type: ignore[attr-defined]  # same
            return
        super()._open_folder(request_number, path)  # type: ignore[misc]  # not in the stubs

    def _check_file(self, request_number: int, _message: Message) -> None:
        # The extension hashes as much as it is told to, and past the end of a file for ever.
        self._send_status(request_number, SFTP_OP_UNSUPPORTED)  # type: ignore[attr-defined]  # same


class ReadOnlyFiles(paramiko.SFTPServerInterface):
    """Answers the requests of one subsystem from the person's virtual tree."""

    def __init__(self, server: paramiko.ServerInterface) -> None:
        super().__init__(server)
        if not isinstance(server, Session):
            raise TypeError("the subsystem belongs to a Session")
        self.session = server
        self._transfers: set[Transfer] = set()

    def session_started(self) -> None:
        """Make it known that this thread has something to finish."""
        self.session.subsystems.add(threading.current_thread())

    def session_ended(self) -> None:
        """End what is still open: the client did not close it, so it is not complete."""
        try:
            for transfer in list(self._transfers):
                transfer.end(by_client=False)
        finally:
            self.session.subsystems.discard(threading.current_thread())

    def open(
        self, path: str, flags: int, attr: paramiko.SFTPAttributes
    ) -> paramiko.SFTPHandle | int:
        """Open a file to read it."""
        del attr
        if flags != os.O_RDONLY:
            return SFTP_PERMISSION_DENIED
        if len(self._transfers) >= self.session.limits.open_files:
            return SFTP_FAILURE
        return self._ask(lambda login: self._open(login, parts_of(path)))

    def _open(self, login: Login, path: Path) -> Transfer:
        file = self.session.directory.open(login, path)
        transfer = Transfer(file, on_end=self._transfers.discard)
        self._transfers.add(transfer)
        return transfer

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        """Return what lies in a folder."""
        return self._ask(lambda login: self._children(login, parts_of(path)))

    def _children(self, login: Login, path: Path) -> list[paramiko.SFTPAttributes]:
        nodes = self.session.directory.children(login, path)
        if nodes is None:
            raise FileNotFoundError
        return [attributes_of(node) for node in nodes]

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        """Return the attributes of a file or folder."""
        return self._ask(lambda login: self._stat(login, parts_of(path)))

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        """Return the same as `stat`: the virtual tree has no links."""
        return self.stat(path)

    def _stat(self, login: Login, path: Path) -> paramiko.SFTPAttributes:
        node = self.session.directory.node(login, path)
        if node is None:
            raise FileNotFoundError
        return attributes_of(node)

    def canonicalize(self, path: str) -> str:
        """Return the absolute form of a path, which never leaves the root."""
        try:
            return "/" + "/".join(parts_of(path))
        except FileNotFoundError:
            return "/"

    def readlink(self, path: str) -> str | int:
        """Answer that there is none: the virtual tree has no links."""
        del path
        return SFTP_NO_SUCH_FILE

    def remove(self, path: str) -> int:
        """Refuse."""
        del path
        return SFTP_PERMISSION_DENIED

    def rename(self, oldpath: str, newpath: str) -> int:
        """Refuse."""
        del oldpath, newpath
        return SFTP_PERMISSION_DENIED

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        """Refuse."""
        del oldpath, newpath
        return SFTP_PERMISSION_DENIED

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        """Refuse."""
        del path, attr
        return SFTP_PERMISSION_DENIED

    def rmdir(self, path: str) -> int:
        """Refuse."""
        del path
        return SFTP_PERMISSION_DENIED

    def chattr(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        """Refuse."""
        del path, attr
        return SFTP_PERMISSION_DENIED

    def symlink(self, target_path: str, path: str) -> int:
        """Refuse."""
        del target_path, path
        return SFTP_PERMISSION_DENIED

    def _ask(self, ask: Callable[[Login], T]) -> T | int:
        """Return the directory's answer, what it raises turned into SFTP's status codes."""
        login = self.session.login
        if login is None:
            return SFTP_PERMISSION_DENIED
        try:
            return ask(login)
        except PermissionError:
            return SFTP_PERMISSION_DENIED
        except FileNotFoundError:
            return SFTP_NO_SUCH_FILE
        except OSError as error:
            _log.warning("%s could not be served: %s", login.username, error)
            return SFTP_FAILURE
        except Exception:  # noqa: BLE001  # paramiko would swallow it; the client is told all the same
            _log.exception("%s could not be served", login.username)
            return SFTP_FAILURE


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
