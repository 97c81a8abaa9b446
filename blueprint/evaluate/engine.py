"""The port behind which submissions run: what a job is, how it ended, what an engine can hold."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Ended = Literal["exited", "signalled", "timeout", "memory", "output", "engine-error", "cancelled"]
"""How a run ended. `exited` and `signalled` are the program's own doing; `timeout`, `memory` and
`output` are limits that it met; `engine-error` is ours; `cancelled` was asked for."""

Layer = Literal["namespaces-root", "namespaces-user", "landlock", "none"]
"""What holds a run: namespaces made by root or by a normal user, Landlock alone, or nothing."""


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
    """One run of a submission's program."""

    name: str
    """Deterministic and unique, for logs and process lists: `<submission>-<attempt>-canary`."""
    argv: tuple[str, ...]
    """What runs, seen from inside: `("python", "predict.py")`, in the folder /code."""
    code: Path | None
    inputs: Path
    output: Path
    """An empty folder; regular files that the program wrote in /output are copied here when it
    exits with 0. They are still as hostile as their contents. While the job runs, an engine may
    keep a folder of its own beside it."""
    limits: Limits
    seed: int = 0


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
    """What an engine can hold on this machine, found out by running a real job."""

    works: bool
    layer: Layer
    bounds: tuple[str, ...]
    """What holds, a sentence each."""
    weaker: tuple[str, ...]
    """What holds less than with the strongest layer, a sentence each."""
    advice: str
    """What to enable where it does not work, or works with weaker bounds; else empty."""


class Engine(Protocol):
    """Runs untrusted programs; a program's failure is an Outcome, never an exception."""

    @property
    def name(self) -> str:
        """The engine's name, as `engine:` in challenge.yaml has it."""

    def probe(self) -> Probe:
        """Return what the engine can hold here; the first call runs a job, later ones remember."""

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> Outcome:
        """Run a job to its end; `cancelled` is asked several times a second, from this thread."""
