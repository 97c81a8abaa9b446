"""The port of contracts: what each has to say at the push, before a run, and after it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from blueprint.contracts.case import Case
from blueprint.contracts.job import Job
from blueprint.desk.ticket import TaskTerms, Ticket


@dataclass(frozen=True)
class Claimed:
    """A submission with code as it was pushed: what it says of itself, and what is in it."""

    run: Sequence[object]
    """The command in submission.yaml; what stands there may be anything."""
    files: Collection[str] | None
    """Paths in the repository; None when they are not known to be in order."""


@dataclass(frozen=True)
class Misfit:
    """What a contract does not take, and where in submission.yaml it stands."""

    key: tuple[str | int, ...]
    problem: str
    hint: str
    value: object


@dataclass(frozen=True)
class Folders:
    """The folders of one run, on the evaluator's disk."""

    code: Path
    inputs: Path
    """What `lay_out` made."""
    output: Path
    """Empty."""


class Contract(Protocol):
    """How a submission, its inputs and its outputs look from inside."""

    @property
    def name(self) -> str:
        """Its name, as `contract:` of a phase has it."""

    def check(self, submission: Claimed) -> Iterator[Misfit]:
        """Yield what is wrong with a submission, as far as a push shows it."""

    def lay_out(self, cases: Sequence[Case], folder: Path) -> None:
        """Write what programs see of these cases into an empty folder: no reference, ever."""

    def prepare(self, ticket: Ticket, run: str, folders: Folders) -> Job:
        """Return the job that runs a submission; `run` names it within its attempt."""

    def collect(self, task: TaskTerms, cases: Sequence[Case]) -> Mapping[str, str]:
        """Return case to the path of its prediction, below the folder of outputs."""
