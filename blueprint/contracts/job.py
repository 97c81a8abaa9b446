"""A job: what a contract asks an engine to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SHARED_MEMORY_MIB = 64
"""The size of /dev/shm unless a job asks for more."""


@dataclass(frozen=True)
class Limits:
    """What one run may use; an engine ends it at the limit."""

    cpus: int
    memory_mib: int
    """For all processes of the run together; files in /output are counted apart. In containers,
    files in /tmp and /dev/shm count as memory; in the process sandbox they are counted apart."""
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
    """A container image by digest or name; None is the native root: the engine's own Python.
    With an empty `argv`, what the image itself says is run."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what the engine sets itself (PATH, HOME, LANG, numbers of threads)."""
    weights: Path | None = None
    user: str | None = None
    """Who runs inside; None: a user without rights, as the engine has it."""
    gpus: int = 0
    shared_memory_mib: int = SHARED_MEMORY_MIB
