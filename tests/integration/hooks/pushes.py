"""What the tests of pushes share: a manifest that is in order, and pushes at the same time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
CODE = "version: 1\ntask: tissue\nkind: code\nrun: [python, predict.py]\n"
NAMED = CODE + "phase: preliminary\n"


def at_once(actions: list[Callable[[], Result]]) -> list[Result]:
    """Run all actions in threads that start together."""
    results: dict[int, Result] = {}
    start = threading.Barrier(len(actions))

    def run(index: int, action: Callable[[], Result]) -> None:
        start.wait()
        results[index] = action()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[index] for index in range(len(actions))]


def wait_until(is_true: Callable[[], bool], timeout_s: float = 30) -> None:
    """Return when it is true."""
    end_s = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < end_s, "it did not happen in time"
        time.sleep(0.02)
