"""The threads that move submissions on: workers, the publisher, the sweeper, the housekeeper."""

import logging
from collections.abc import Callable

from blueprint.clock import monotonic_s
from blueprint.config.model import Challenge
from blueprint.evaluate.engine import Engine
from blueprint.evaluate.runner import Worker, run_next
from blueprint.intake.confirmation import sweep_platform
from blueprint.intake.repositories import embedded_repositories
from blueprint.ledger.rework_lost import give_back_workers
from blueprint.ledger.sweeper import release_all
from blueprint.platform import Platform
from blueprint.serve.health import Health
from blueprint.serve.housekeeper import Housekeeper
from blueprint.serve.live_pushes import LivePushes
from blueprint.serve.loops import Loop
from blueprint.serve.publisher import Publisher
from blueprint.serve.reconcile import WORKER_PREFIX, reconcile
from blueprint.serve.workshop import embedded_workshop

_LOOK_S = 2.0
_SWEEP_S = 10.0
_TIDY_S = 600.0
_MAX_WORKERS = 4
_log = logging.getLogger(__name__)


def worker_count(challenge: Challenge, cpus: int) -> int:
    """Return how many submissions run side by side, so that each has the cores of its phase.

    Where a phase asks for GPUs it is one: they are not shared.
    """
    if any(phase.resources.gpus for phase in challenge.phases):
        return 1
    largest = max(phase.resources.cpus for phase in challenge.phases)
    return max(1, min(_MAX_WORKERS, cpus // largest))


class Watcher:
    """Starts, wakes and stops the threads. What wakes them is only a hint: they look anyway."""

    def __init__(
        self,
        platform: Platform,
        engine: Engine,
        *,
        workers: int,
        pushes: LivePushes,
        health: Health,
    ) -> None:
        self._platform = platform
        self._workshop = embedded_workshop(platform, engine)
        self._pushes = pushes
        self._publisher = Publisher(platform)
        self._workers = [Worker(f"{WORKER_PREFIX}{number}") for number in range(1, workers + 1)]
        housekeeper = Housekeeper(platform, embedded_repositories(platform))
        steps = [(worker.name, self._step_of(worker), _LOOK_S) for worker in self._workers]
        steps += [("publisher", self._publish, _LOOK_S), ("sweeper", self._sweep, _SWEEP_S)]
        steps += [("housekeeper", housekeeper.step, _TIDY_S)]
        self._loops = [
            Loop(name, step, pause_s=pause_s, health=health) for name, step, pause_s in steps
        ]

    def settle(self) -> None:
        """Settle what the last run left, before the threads start."""
        reconcile(self._platform, self._workshop, self._workers)

    def publish_first(self) -> None:
        """Build the site now, before anything is answered."""
        self._publisher.publish(self._platform.clock())

    def start(self) -> None:
        """Start the threads."""
        for loop in self._loops:
            loop.start()

    def wake(self) -> None:
        """Have every thread look at the database now."""
        for loop in self._loops:
            loop.wake()

    def stop(self, patience_s: float) -> None:
        """End the threads within `patience_s`; what is under way begins again at the next start."""
        for worker in self._workers:
            worker.stopping.set()
        for loop in self._loops:
            loop.stop()
        end_s = monotonic_s() + patience_s
        for loop in self._loops:
            loop.join(max(0.0, end_s - monotonic_s()))
        for worker in self._workers:
            worker.close()
        self._publisher.close()
        release_all(self._platform.database, WORKER_PREFIX, self._platform.clock())
        give_back_workers(self._platform.database, WORKER_PREFIX)

    def _step_of(self, worker: Worker) -> Callable[[], bool]:
        def step() -> bool:
            has_run = run_next(self._workshop, worker)
            if has_run:
                self.wake()
            return has_run

        return step

    def _publish(self) -> bool:
        self._publisher.look()
        return False

    def _sweep(self) -> bool:
        report = sweep_platform(
            self._platform, embedded_repositories(self._platform), self._pushes.is_pushed
        )
        for problem in report.problems:
            _log.warning("sweep: %s", problem)
        if report.confirmed or report.reinstated or report.retried or report.given_back:
            self.wake()
        return False
