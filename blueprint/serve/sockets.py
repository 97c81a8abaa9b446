"""Opens what the platform listens on, and clears away what a killed one left."""

import os
import socket
import stat
from pathlib import Path

from blueprint.errors import BlueprintError, ToolError

_BACKLOG = 512


def listen_tcp(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket.

    Raises:
        ToolError: The address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ToolError(f"cannot listen on {host} port {port}: {error.strerror}") from None


def listen_unix(path: Path) -> socket.socket:
    """Return a listening Unix socket; one that a killed platform left there is replaced.

    The caller holds the platform's lock, so nobody else can be listening on it.

    Raises:
        BlueprintError: The folder is not safely ours.
    """
    ensure_own_folder(path.parent)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(_BACKLOG)
    return listener


def ensure_own_folder(folder: Path) -> None:
    """Make sure that `folder` is a real folder of this user's, closed to everybody else.

    Its name can be guessed and its parent is open to all: another user may have been faster.

    Raises:
        BlueprintError: Somebody else made it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise BlueprintError(
            f"{folder}: belongs to somebody else", hint="remove it, or set TMPDIR elsewhere"
        )
    if stat.S_IMODE(found.st_mode) != 0o700:  # noqa: PLR2004
        folder.chmod(0o700)
