"""Second stage, for code: runs the program on a few cases as a trial, then on all."""

from pathlib import Path

from blueprint.contracts.case import Case
from blueprint.contracts.job import Job
from blueprint.contracts.port import Folders
from blueprint.contracts.registry import contract_of
from blueprint.errors import ToolError
from blueprint.evaluate.attempt import Attempt, unusable_in_words
from blueprint.evaluate.cases import ensure_inputs
from blueprint.evaluate.engine import Outcome, run_to_end
from blueprint.evaluate.prepare import code_folder, kept_folder
from blueprint.evaluate.protocol import Validation
from blueprint.evaluate.removal import remove_tree
from blueprint.evaluate.store import CasesError
from blueprint.evaluate.verdicts import (
    fault_of_outputs,
    fault_of_run,
    note_on_outputs,
    run_in_words,
)
from blueprint.ledger.outcomes import AttemptFault


def run_trial(attempt: Attempt) -> AttemptFault | None:
    """Run the program on the phase's canary cases: what fails here fails early and cheaply.

    Nothing is run when the phase wants no trial, or one on all cases.
    """
    cases = attempt.cases[: attempt.ticket.phase.canary_cases]
    if not cases or len(cases) == len(attempt.cases) or attempt.has_reached("predicting"):
        return None
    attempt.advance("canary", run_in_words(len(cases), trial=True))
    _, _, fault = _run_and_judge(attempt, cases, attempt.folder / "kept-trial", trial=True)
    return fault


def run_all(attempt: Attempt) -> tuple[float, AttemptFault | None]:
    """Run the program on all cases and keep its predictions; returns the seconds it took."""
    attempt.advance("predicting", run_in_words(len(attempt.cases), trial=False))
    outcome, found, fault = _run_and_judge(
        attempt, attempt.cases, kept_folder(attempt), trial=False
    )
    if fault is None and found is not None:
        note = note_on_outputs(found, names_shown=attempt.ticket.names_shown)
        attempt.log.say(note)
        attempt.advance("predicted", note)
    return outcome.wall_s, fault


def _run_and_judge(
    attempt: Attempt, cases: tuple[Case, ...], keep: Path, *, trial: bool
) -> tuple[Outcome, Validation | None, AttemptFault | None]:
    run = run_in_words(len(cases), trial=trial)
    job = _job(attempt, cases, trial=trial)
    outcome = run_to_end(attempt.workshop.engine, job, cancelled=attempt.watch.is_stopped)
    attempt.watch.keep_going()
    attempt.log.show(run, outcome)
    if outcome.ended in ("engine-error", "cancelled"):
        raise ToolError(f"{run} ended as {outcome.ended}: {outcome.detail}")
    phase = attempt.ticket.phase
    fault = fault_of_run(outcome, phase, run=run)
    if fault is not None:
        return outcome, None, fault
    found = attempt.validate(cases, job.output, keep)
    if found.unusable:
        raise CasesError(unusable_in_words(found.unusable))
    fault = fault_of_outputs(found, attempt.ticket)
    return outcome, found, fault


def _job(attempt: Attempt, cases: tuple[Case, ...], *, trial: bool) -> Job:
    run = "trial" if trial else "all"
    output = attempt.folder / f"output-{run}"
    remove_tree(output)  # an adopted run's is empty until it is collected
    output.mkdir()
    name = f"trial-{len(cases)}" if trial else ""
    inputs = ensure_inputs(attempt.workshop.store, attempt.ticket, cases, name=name)
    folders = Folders(code_folder(attempt), inputs, output)
    return contract_of(attempt.ticket.phase.contract).prepare(attempt.ticket, run, folders)
