"""An evaluation host: workers that take work from a desk until they are told to stop."""

import logging
import threading
from collections.abc import Sequence
from threading import Event

from blueprint.desk.port import DeskUnreachableError
from blueprint.desk.ticket import Ticket
from blueprint.errors import BlueprintError, InputError
from blueprint.evaluate.leftovers import take_stock
from blueprint.evaluate.runner import Worker, run_next
from blueprint.evaluate.store import EvaluatorStore
from blueprint.evaluate.workshop import Workshop

_LOOK_S = 1.0
_AFTER_TROUBLE_S = 5.0
_log = logging.getLogger(__name__)


def work(workshop: Workshop, names: Sequence[str], stop: Event) -> None:
    """Evaluate what the desk gives out until `stop` is set; then give back what is under way.

    Args:
        workshop: The desk, the disk and the engine.
        names: The workers; each evaluates one submission at a time.
        stop: Set from a signal handler or another thread.

    Raises:
        InputError: The platform does not know this host, or the store holds no cases.
    """
    demand_store(workshop.store)
    adopted = take_stock(workshop, names)
    for name in names:
        if name not in adopted:
            _begin(workshop, name, stop)
    loops = [_Loop(workshop, name, stop, adopted.get(name)) for name in names]
    for loop in loops:
        loop.thread.start()
    for loop in loops:
        loop.thread.join()
    faults = [loop.fault for loop in loops if loop.fault is not None]
    if faults:
        raise faults[0]


def demand_store(store: EvaluatorStore) -> None:
    """Refuse a store without cases.

    Raises:
        InputError: It has none.
    """
    cases = None if store.root is None else store.root / "cases"
    if cases is not None and not (cases.is_dir() and any(cases.iterdir())):
        raise InputError(
            f"{cases}: holds no cases",
            hint="bring the test data there, as cases/TASK/SPLIT/inputs and .../reference",
        )


def _begin(workshop: Workshop, name: str, stop: Event) -> None:
    """Give back what this worker held when it was cut off; wait for a platform that is down."""
    while not stop.is_set():
        try:
            workshop.desk.release(name)
        except DeskUnreachableError as error:
            _log.warning("%s", error)
            stop.wait(_AFTER_TROUBLE_S)
        else:
            return


class _Loop:
    """One worker and its thread."""

    def __init__(self, workshop: Workshop, name: str, stop: Event, adopted: Ticket | None) -> None:
        self._workshop = workshop
        self._worker = Worker(name, stopping=stop)
        self._worker.adopted = adopted
        self._stop = stop
        self.fault: BlueprintError | None = None
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        with self._worker:
            while not self._stop.is_set():
                pause_s = self._step()
                self._stop.wait(pause_s)
        self._leave()

    def _step(self) -> float:
        """Evaluate one submission; returns how long to wait before the next look."""
        try:
            return 0.0 if run_next(self._workshop, self._worker) else _LOOK_S
        except InputError as error:
            self.fault = error  # the platform refuses us: asking again changes nothing
            self._stop.set()
        except DeskUnreachableError as error:
            _log.warning("%s", error)
        except Exception:  # noqa: BLE001  # one bad step must not end the worker
            _log.exception("%s: a step failed; it is tried again", self._worker.name)
        return _AFTER_TROUBLE_S

    def _leave(self) -> None:
        try:
            self._workshop.desk.release(self._worker.name)
        except BlueprintError as error:
            _log.warning("not given back, so the platform waits for the lease to end: %s", error)
