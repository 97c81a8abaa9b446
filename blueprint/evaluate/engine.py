"""The port behind which submissions run: what a job is, how it ended, what an engine can hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

Ended = Literal["exited", "signalled", "timeout", "memory", "output", "engine-error", "cancelled"]
"""How a run ended. `exited` and `signalled` are the program's own doing; `timeout`, `memory` and
`output` are limits that it met; `engine-error` is ours; `cancelled` was asked for."""

SHARED_MEMORY_MIB = 64
"""The size of /dev/shm unless a job asks for more."""


@dataclass(frozen=True)
class Limits:
    """What one run may use; an engine ends it at the limit."""

    cpus: int
    memory_mib: int
    """For all processes of the run together; files in /output and /tmp are counted apart."""
    time_s: float
    """By the wall clock, from the start of the program."""
    output_mib: int
    tmp_mib: int = 256
    files: int = 10_000
    """Files and folders in /output, and as many in /tmp."""
    processes: int = 256
    """Processes and threads alive at once."""


@dataclass(frozen=True)
class Job:
    """One run of a submission's program.

    Folders are mounted by what they are for; where each is seen from inside is the contract's,
    and the engine's default is `/code`, `/input`, `/output` and `/model`.
    """

    name: str
    """Deterministic and unique: `<submission>-<attempt>-trial`. Starting a name that runs already
    is a fault: `find` it."""
    argv: tuple[str, ...]
    """What runs, seen from inside: `("python", "predict.py")`, in the folder of the code."""
    code: Path | None
    inputs: Path
    output: Path
    """An empty folder; regular files that the program wrote in /output are copied here when it
    exits with 0. They are still as hostile as their contents. While the job runs, an engine may
    keep a folder of its own beside it."""
    limits: Limits
    nonce: str = ""
    """The attempt's: what still runs after a restart is found by it."""
    image: str | None = None
    """A container image by digest; None is the native root: the engine's own Python."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what the engine sets itself (PATH, HOME, LANG, numbers of threads)."""
    weights: Path | None = None
    user: str | None = None
    """Who runs inside; None: a user without rights, as the engine has it."""
    gpus: int = 0
    shared_memory_mib: int = SHARED_MEMORY_MIB


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
