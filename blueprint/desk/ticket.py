"""A ticket: everything that an evaluation host is told about one piece of work, and nothing else.

It names no person, no folder of the platform and no secret. It is plain data that goes through
JSON and comes back equal, so it means the same in process and on another machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from blueprint.config.model import Kind
from blueprint.config.model.base import SLUG
from blueprint.config.model.task import IgnoredValue, LabelValue, Name, Split
from blueprint.metrics.measures import Measure
from blueprint.metrics.specification import Problem

Work = Literal["judge", "rescore", "rejudge"]
"""What is to be done: `judge` evaluates a submission from its commit to its scores; `rescore`
scores the predictions that were kept of it again; `rejudge` runs it again, for a correction."""
WORK: frozenset[Work] = frozenset(("judge", "rescore", "rejudge"))
Logs = Literal["system", "own", "none"]

WORKER = r"^[a-z0-9][a-z0-9-]{0,38}(/[1-9][0-9]?)?$"
WorkerName = Annotated[str, StringConstraints(pattern=WORKER)]
"""A host's name, or one of its places: `gpu-1`, `gpu-1/2`."""
Digest = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]+:)?[0-9a-f]{64}$|^$")]
Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,64}$")]
Number = Annotated[int, Field(ge=0, lt=2**63)]
Kept = Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]{0,18}(-[1-9][0-9]{0,18})?)?$")]
CaseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Checksum = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
Argument = Annotated[str, StringConstraints(max_length=200)]


@dataclass(frozen=True)
class Hold:
    """The right to move one piece of work on: what a worker shows at the desk each time.

    The fencing token goes up whenever the work changes hands. Whoever comes with an old one, or
    with another worker's, can change nothing.
    """

    work: Work
    submission_id: Number
    token: Number
    attempt: Number
    worker: WorkerName
    nonce: Nonce
    """Marks what this attempt makes outside of the ledger: folders, processes, containers."""


@dataclass(frozen=True)
class RunLimits:
    """What one run may use, as the phase says."""

    cpus: Annotated[int, Field(ge=1, le=4096)]
    memory_mib: Annotated[int, Field(ge=1)]
    time_s: Annotated[int, Field(ge=1)]
    output_mib: Annotated[int, Field(ge=1)]
    gpus: Annotated[int, Field(ge=0, le=64)] = 0
    shm_mib: Annotated[int, Field(ge=1)] = 64


@dataclass(frozen=True)
class PhaseTerms:
    """What the phase asks for and shows."""

    id: Slug
    split: Split
    contract: Slug
    canary_cases: Annotated[int, Field(ge=0, le=1000)]
    resources: RunLimits
    logs: Logs
    """What participants may read: our messages, what their program printed too, or nothing."""


@dataclass(frozen=True)
class TaskTerms:
    """What the task gives, asks for and measures."""

    id: Slug
    inputs: tuple[Name, ...]
    """In the task's order: the grid of the first is that of the output."""
    output: Name
    problem: Problem
    """Which kind of task it is."""
    labels: tuple[LabelValue, ...]
    """What a prediction may hold beside background, ascending."""
    measures: tuple[Measure, ...]
    """What is computed on every case."""
    ignore: tuple[IgnoredValue, ...] = ()
    """Values of a reference whose voxels no metric looks at."""


@dataclass(frozen=True)
class Ticket:
    """One piece of work, whole."""

    hold: Hold
    until: datetime
    """When the lease ends unless it is kept, by the platform's clock."""
    lease_s: Annotated[int, Field(ge=1)]
    """How long a lease lasts from the moment when it was given or kept."""
    commit: Commit
    kind: Kind
    run: Annotated[tuple[Argument, ...], Field(max_length=64)]
    """The submission's command; empty for predictions."""
    seed: Number
    task: TaskTerms
    phase: PhaseTerms
    dataset_digest: Digest = ""
    """Of the cases that count; empty where none was put in force."""
    evaluator_digest: Digest = ""
    """Of the metrics and their parameters; empty where none was put in force."""
    kept: Kept = ""
    """The folder of its predictions in the evaluator's store; empty: named by its number."""
    predictions: Annotated[Mapping[CaseId, Checksum], Field(max_length=100_000)] = field(
        default_factory=dict
    )
    """For a rescore: the cases that have a prediction there, and its SHA-256 where it is known."""

    @property
    def submission_id(self) -> int:
        """The submission's number."""
        return self.hold.submission_id

    @property
    def names_shown(self) -> bool:
        """Whether names and values that the submission chose may be repeated to the participant.

        A program sees test images and could spell them out there; files that came with the push
        cannot hold anything new.
        """
        return self.kind == "predictions" or self.phase.logs == "own"


@dataclass(frozen=True)
class Offers:
    """What a worker has for one piece of work; the desk gives it none that needs more."""

    cpus: Annotated[int, Field(ge=1, le=4096)]
    memory_mib: Annotated[int, Field(ge=1)]
    gpus: Annotated[int, Field(ge=0, le=64)] = 0
    engine: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,20}$")] = ""
    """What runs programs there, for people; empty: not said."""
