"""Takes the next waiting submission and evaluates it: what a worker thread does in a loop."""

from threading import Event
from types import TracebackType
from typing import Self

from blueprint.evaluate.engine import Engine
from blueprint.evaluate.scoring_process import ScoringProcess
from blueprint.evaluate.stages import run_attempt
from blueprint.ledger import leases
from blueprint.platform import Platform


class Worker:
    """One worker's name and its scoring process; a thread of its own uses it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.scoring = ScoringProcess()
        self.stopping = Event()
        """Set it from any thread to end the present attempt; the next start takes it up."""

    def close(self) -> None:
        """End the scoring process."""
        self.scoring.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def run_next(platform: Platform, engine: Engine, worker: Worker) -> bool:
    """Evaluate the submission that waits longest; False when none waits."""
    now = platform.clock()
    # Looking first costs no write lock: idle workers must not slow down pushes.
    if worker.stopping.is_set() or not leases.is_any_waiting(platform.database, now):
        return False
    lease = leases.acquire(platform.database, worker.name, now)
    if lease is None:
        return False
    run_attempt(platform, engine, lease, worker.scoring, worker.stopping)
    return True
