"""The port behind which submissions run: how a job is started, how it ended, what holds it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from blueprint.contracts.job import SHARED_MEMORY_MIB, Job, Limits

__all__ = [
    "SHARED_MEMORY_MIB", "Ended", "Engine", "Handle", "Job", "Limits", "Outcome", "Probe",
    "engine_error", "run_to_end",
]  # fmt: skip

Ended = Literal["exited", "signalled", "timeout", "memory", "output", "engine-error", "cancelled"]
"""How a run ended. `exited` and `signalled` are the program's own doing; `timeout`, `memory` and
`output` are limits that it met; `engine-error` is ours; `cancelled` was asked for."""


@dataclass(frozen=True)
class Handle:
    """A job that was started; plain data, so that it outlives the process that started it."""

    name: str
    nonce: str
    id: str
    """The engine's own name for it: a process id, a container id."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    ended: Ended
    exit_code: int | None
    """None unless `ended` is `exited`."""
    signal: int | None
    """None unless `ended` is `signalled`."""
    wall_s: float
    peak_memory_mib: float
    log: bytes
    """What the program printed: at most 64 KiB, its beginning and its end."""
    detail: str
    """One sentence for a person: which limit, what was left out, what the engine met."""


@dataclass(frozen=True)
class Probe:
    """What an engine can hold on this machine, in words for people."""

    works: bool
    summary: str
    """What holds submissions and how far that goes, in one line for organizers."""
    notice: str
    """The same for participants, in a sentence or two."""
    bounds: tuple[str, ...]
    """What holds, a sentence each."""
    weaker: tuple[str, ...]
    """What holds less than it could with this engine elsewhere, a sentence each."""
    advice: str
    """What to enable where it does not work, or works with weaker bounds; else empty."""


class Engine(Protocol):
    """Runs untrusted programs; a program's failure is an Outcome, never an exception."""

    @property
    def name(self) -> str:
        """The engine's name in the registry."""

    def probe(self) -> Probe:
        """Return what the engine can hold here; the first call runs a job, later ones remember."""

    def start(self, job: Job) -> Handle:
        """Start a job; where the engine cannot, `wait` says so with `engine-error`."""

    def wait(self, handle: Handle, cancelled: Callable[[], bool]) -> Outcome:
        """Wait for a job's end, put its outputs into their folder, and return how it ended.

        `cancelled` is asked several times a second, from this thread; once it says so, the job is
        ended with all its processes. A handle that the engine does not know ends as
        `engine-error`. What it leaves (see `remove`) stays.
        """

    def find(self, nonce: str) -> list[Handle]:
        """Return the jobs with this nonce that run, or have ended and wait to be collected.

        After a restart of the evaluator these are adopted with `wait`. An engine whose jobs die
        with it returns none.
        """

    def remove(self, handle: Handle) -> None:
        """End a job if it runs, and take away all that it left; idempotent."""


def run_to_end(engine: Engine, job: Job, *, cancelled: Callable[[], bool]) -> Outcome:
    """Start a job, wait for it, and leave nothing of it behind but its outputs.

    A job of this name and nonce that is there already, since before a restart, is adopted.
    """
    handle = next((h for h in engine.find(job.nonce) if job.nonce and h.name == job.name), None)
    handle = handle or engine.start(job)
    try:
        return engine.wait(handle, cancelled)
    finally:
        engine.remove(handle)


def engine_error(detail: str) -> Outcome:
    """Return the outcome of a run that the engine could not do."""
    return Outcome("engine-error", None, None, 0.0, 0.0, b"", detail)
