# ruff: noqa: INP001, TID251 (a program of its own, in an image without our library)
"""Writes what internal-sftp says to a file: `transfers.py SOCKET FILE`.

In its chroot it speaks to /dev/log alone. Its lines have no year and no zone, so each gets the
UTC moment of its arrival. The file is kept below a bound: the last one is kept beside it.
"""

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

_MAX_BYTES = 64 * 1024 * 1024
_MAX_LINE = 8192


def main(address: str, path: Path) -> None:
    """Take datagrams for ever."""
    Path(address).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(address)
    Path(address).chmod(0o666)
    while True:
        said = listener.recv(_MAX_LINE).decode("utf-8", "replace")
        line = "".join(one if one.isprintable() else "?" for one in said)
        if path.exists() and path.stat().st_size > _MAX_BYTES:
            path.replace(path.with_suffix(".last.log"))
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {line}\n")


main(sys.argv[1], Path(sys.argv[2]))
