"""Runs as a process of its own: loads the libraries it is told, and prints what came with them.

It reads paths from stdin, a line each, and prints the paths of all files that are mapped into its
memory afterwards. What cannot be loaded is left out: it could not be imported either.
"""

import contextlib
import ctypes
import sys
from pathlib import Path


def main() -> None:
    """Load, then look into our own memory."""
    for line in sys.stdin:
        with contextlib.suppress(OSError):
            ctypes.CDLL(line.rstrip("\n"))
    mapped = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    paths = {f"/{path}" for _, slash, path in (line.partition("/") for line in mapped) if slash}
    sys.stdout.write("".join(f"{path}\n" for path in sorted(paths)))


if __name__ == "__main__":
    main()
