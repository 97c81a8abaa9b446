"""Says what the bench is doing, whenever that takes longer than two seconds."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUIET_S = 2.0
EVERY_S = 30.0


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the default place of progress


_tell: Callable[[str], None] = _to_stderr


def listen(tell: Callable[[str], None]) -> None:
    """Send every line of progress to `tell`; pytest's own terminal, for instance."""
    global _tell  # noqa: PLW0603 - one terminal a process
    _tell = tell


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say that `what` is going on once it has lasted two seconds, every 30 s, and at its end."""
    began, ended = time.monotonic(), threading.Event()

    def speak() -> None:
        pause_s = QUIET_S
        while not ended.wait(pause_s):
            _tell(f"bench: {what} ... {time.monotonic() - began:.0f} s")
            pause_s = EVERY_S

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    try:
        yield
    finally:
        ended.set()
        speaker.join()
        took_s = time.monotonic() - began
        if took_s > QUIET_S:
            _tell(f"bench: {what}: {took_s:.0f} s")
