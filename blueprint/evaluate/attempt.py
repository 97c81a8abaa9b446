"""One attempt at evaluating a submission: everything that its stages share."""

from dataclasses import dataclass
from pathlib import Path

from blueprint.contracts.case import Case
from blueprint.contracts.registry import contract_of
from blueprint.desk.ticket import Logs, Ticket
from blueprint.evaluate.engine import Outcome
from blueprint.evaluate.feedback import printable
from blueprint.evaluate.holdings import DataDiffersError, Stamp, stamp_of
from blueprint.evaluate.leftovers import note_state, state_reached
from blueprint.evaluate.protocol import About, CaseFiles, Validate, Validation
from blueprint.evaluate.scoring_process import ScoringProcess
from blueprint.evaluate.watch import Watch
from blueprint.evaluate.workshop import Workshop
from blueprint.ledger.states import STATES, State

_MEBIBYTE = 1024 * 1024
_ASKED_S = 60.0
_ASKED_S_PER_CASE = 120.0


class Log:
    """What the participant may read of a submission's runs, as `feedback.logs` says."""

    def __init__(self, shown: Logs) -> None:
        self._shown = shown
        self.text = ""

    def say(self, line: str) -> None:
        """Add a line of ours."""
        self._add(f"{line}\n")

    def show(self, run: str, outcome: Outcome) -> None:
        """Add how a run ended, and what it printed where the phase shows that."""
        ended = "ended" if outcome.ended == "exited" else f"stopped ({outcome.ended})"
        code = "" if outcome.exit_code is None else f" with exit code {outcome.exit_code}"
        self._add(
            f"{run}: {ended}{code} after {outcome.wall_s:.1f} s, "
            f"at most {outcome.peak_memory_mib:.0f} MiB of memory\n"
        )
        if self._shown == "own":
            output = printable(outcome.log).rstrip("\n")
            self._add(f"--- what your program printed\n{output}\n---\n" if output else "")

    def _add(self, text: str) -> None:
        if self._shown != "none":
            self.text += text


@dataclass(frozen=True)
class Attempt:
    """A leased submission with its cases, and the parts that do the work."""

    workshop: Workshop
    scoring: ScoringProcess
    ticket: Ticket
    watch: Watch
    cases: tuple[Case, ...]
    folder: Path
    """This attempt's own working folder, removed when it ends."""
    log: Log
    stamp: Stamp = ()
    """How the organizers' files were when it began."""

    def demand_same_data(self) -> None:
        """Return when no file of the cases was touched since the attempt began.

        Raises:
            DataDiffersError: One was.
        """
        if self.ticket.dataset_digest and stamp_of(self.cases) != self.stamp:
            raise DataDiffersError("files of the test data were touched while it was evaluated")

    def advance(self, to: State, note: str = "") -> None:
        """Move the submission on; an adopted attempt is where it came to already."""
        if not self.has_reached(to):
            self.workshop.desk.advance(self.ticket.hold, to, note)
            note_state(self.folder, to)

    def has_reached(self, state: State) -> bool:
        """Tell whether the attempt came to a state before, or beyond it."""
        return STATES.index(state_reached(self.folder)) >= STATES.index(state)

    def validate(self, cases: tuple[Case, ...], folder: Path, keep: Path) -> Validation:
        """Return what the predictions of `cases` below `folder` are worth; good ones are kept."""
        question = Validate(
            cases=tuple(
                CaseFiles(case.id, str(case.image), prediction_path(case, self.ticket))
                for case in cases
            ),
            folder=str(folder),
            keep=str(keep),
            labels=self.ticket.task.labels,
            max_file_bytes=self.ticket.phase.resources.output_mib * _MEBIBYTE,
            quote=self.ticket.names_shown,
        )
        return self.scoring.validate(
            question, timeout_s=patience_s(len(cases)), keep_going=self.watch.keep_going
        )


def prediction_path(case: Case, ticket: Ticket) -> str:
    """Return where a case's prediction lies below its folder, as the contract says."""
    return contract_of(ticket.phase.contract).collect(ticket.task, [case])[case.id]


def patience_s(cases: int, *, labels: int = 1) -> float:
    """Return how long the scoring process may think about so many masks.

    What a voxel costs is bounded whatever a mask holds (see `metrics.surface`), so running out
    of this time is never the participant's doing.
    """
    return _ASKED_S + _ASKED_S_PER_CASE * cases * labels


def unusable_in_words(unusable: tuple[About, ...]) -> str:
    """Return what is wrong with the organizers' files, for the organizers alone."""
    return "; ".join(f"case {about.case_id}: {about.text}" for about in unusable)
