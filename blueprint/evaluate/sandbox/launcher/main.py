"""Runs one submission: reads a Spec on stdin, prints a Result on stdout.

Run by path with `python -I -S`. Stdin stays open for as long as the run is wanted: when it
closes, because the platform cancels or dies, the run is killed and nothing is printed.
"""

import os
import sys

# The isolated mode leaves the checkout out of the path; it goes last, behind the standard library.
sys.path.append(os.path.abspath(f"{__file__}/../../../../.."))

from blueprint.evaluate.sandbox.launcher.run import run
from blueprint.evaluate.sandbox.launcher.spec import LauncherError, Result, read_spec

_CONTROL_FD, _ANSWER_FD = 0, 1
_MAX_SPEC_BYTES = 4 * 1024 * 1024


def main() -> None:
    """Answer one spec."""
    try:
        result = run(read_spec(_read_line()), control_fd=_CONTROL_FD)
    except LauncherError as error:
        result = Result("engine-error", detail=str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the platform must hear of it
        result = Result("engine-error", detail=f"{type(error).__name__}: {error}")
    answer = memoryview(result.as_json().encode())
    while answer:
        answer = answer[os.write(_ANSWER_FD, answer) :]


def _read_line() -> str:
    # Byte for byte from the descriptor: a buffer would swallow what comes after the line.
    line = bytearray()
    while not line.endswith(b"\n") and len(line) < _MAX_SPEC_BYTES:
        chunk = os.read(_CONTROL_FD, 65_536)
        if not chunk:
            raise EOFError("no spec arrived")
        line += chunk
    return line.decode()


if __name__ == "__main__":
    main()
