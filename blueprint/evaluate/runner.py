"""Takes the next waiting submission and evaluates it: what a worker thread does in a loop."""

from threading import Event
from types import TracebackType
from typing import Self

from blueprint.desk.ticket import Ticket
from blueprint.evaluate.scoring_process import ScoringProcess
from blueprint.evaluate.stages import run_attempt
from blueprint.evaluate.workshop import Workshop


class Worker:
    """One worker's name and its scoring process; a thread of its own uses it."""

    def __init__(self, name: str, *, stopping: Event | None = None) -> None:
        self.name = name
        self.scoring = ScoringProcess()
        self.stopping = stopping or Event()
        """Set it from any thread to end the present attempt; the next start takes it up."""
        self.adopted: Ticket | None = None
        """Work of before a restart that its engine still does: it comes first."""

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


def run_next(workshop: Workshop, worker: Worker) -> bool:
    """Evaluate the submission that waits longest; False when none waits."""
    if worker.stopping.is_set():
        return False
    if worker.adopted is not None:
        adopted, worker.adopted = worker.adopted, None
        run_attempt(workshop, adopted, worker.scoring, worker.stopping, adopted=True)
        return True
    ticket = workshop.desk.lease(worker.name, workshop.offers)
    if ticket is None:
        return False
    run_attempt(workshop, ticket, worker.scoring, worker.stopping)
    return True
