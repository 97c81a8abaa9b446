"""What the tests of pushes share: a manifest that is in order, and pushes at the same time."""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
CODE = "version: 1\ntask: tissue\nkind: code\nrun: [python, predict.py]\n"


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
