"""Says in plain sentences why a submission failed; nothing that its program made up is repeated.

A program sees the test images. Whatever it prints, names or writes could carry them out, so a
verdict quotes none of it: file names, values and output appear only where the phase shows them
(`feedback.logs: own`) or where they came with the push. What is left to a program are a few bits
a submission: its exit code, and which cases it spoils in which way.
"""

import signal
from collections.abc import Callable

from blueprint.config.case_layout import file_name
from blueprint.desk.ticket import PhaseTerms, Ticket
from blueprint.evaluate.engine import Ended, Outcome
from blueprint.evaluate.feedback import listed, one_line
from blueprint.evaluate.protocol import Validation
from blueprint.ledger.outcomes import AttemptFault

_SIGNALS = {
    signal.SIGSEGV: "it used memory that is not its own",
    signal.SIGKILL: "killed",
    signal.SIGABRT: "it gave up",
    signal.SIGFPE: "an impossible calculation",
    signal.SIGILL: "an instruction that this machine does not have",
    signal.SIGSYS: "a system call that the sandbox does not allow",
}


def fault_of_run(outcome: Outcome, phase: PhaseTerms, *, run: str) -> AttemptFault | None:
    """Return why a run counts as failed, or None when it ended with exit code 0.

    Args:
        outcome: How it ended (not `cancelled` or `engine-error`: they are not its doing).
        phase: Its limits, and whether its output is shown.
        run: Which run, as `the trial run on 1 case`.
    """
    if outcome.ended == "exited" and outcome.exit_code == 0:
        return None
    code, what = _WHAT[outcome.ended](outcome, phase)
    return AttemptFault("participant", code, f"Your program {what} in {run}. {_where(phase)}")


def fault_of_outputs(validation: Validation, ticket: Ticket) -> AttemptFault | None:
    """Return why the predictions count as failed, or None when they can be scored.

    Missing cases are no failure as long as one case is there: they get the worst score.

    Args:
        validation: What was found.
        ticket: Names the expected file, and says what may be shown.
    """
    total = len(validation.kept) + len(validation.missing) + len(validation.bad)
    expected = file_name(ticket.task.output)
    if validation.bad:
        reasons = listed([f"{bad.case_id}/{expected} {bad.text}" for bad in validation.bad])
        what = f"{len(validation.bad)} of {total} predictions cannot be scored: {reasons}."
        return AttemptFault("participant", "output-invalid", what)
    if validation.kept:
        return None
    folder = "predictions" if ticket.kind == "predictions" else "/output"
    what = (
        f"No case has a prediction: each belongs in {folder}/<case>/{expected}."
        f"{_extra(validation, names_shown=ticket.names_shown)}"
    )
    hint = "" if ticket.kind == "predictions" else f" {_where(ticket.phase)}"
    return AttemptFault("participant", "output-missing", what + hint)


def note_on_outputs(validation: Validation, *, names_shown: bool) -> str:
    """Return one line about accepted predictions: what is missing, what was ignored."""
    total = len(validation.kept) + len(validation.missing)
    note = f"{len(validation.kept)} of {_cases(total)} have a prediction"
    if validation.missing:
        note += f"; missing, so with the worst score: {listed(validation.missing)}"
    return f"{note}.{_extra(validation, names_shown=names_shown)}"


def run_in_words(cases: int, *, trial: bool) -> str:
    """Return which run is meant: `the trial run on 1 case`."""
    return f"the {'trial' if trial else 'full'} run on {_cases(cases)}"


def _exited(outcome: Outcome, _phase: PhaseTerms) -> tuple[str, str]:
    return "exit-code", f"ended with exit code {outcome.exit_code}"


def _signalled(outcome: Outcome, _phase: PhaseTerms) -> tuple[str, str]:
    try:
        found = signal.Signals(outcome.signal or 0)
    except ValueError:
        return "signal", f"was ended by signal {outcome.signal}"
    meaning = f": {_SIGNALS[found]}" if found in _SIGNALS else ""
    return "signal", f"was ended by signal {found.value} ({found.name}{meaning})"


def _timeout(_outcome: Outcome, phase: PhaseTerms) -> tuple[str, str]:
    return "timeout", f"was still running after {phase.resources.time_s} s and was stopped"


def _memory(_outcome: Outcome, phase: PhaseTerms) -> tuple[str, str]:
    limit = phase.resources.memory_mib
    return "memory", f"used more than {limit} MiB of memory and was stopped"


def _output(_outcome: Outcome, phase: PhaseTerms) -> tuple[str, str]:
    limit = phase.resources.output_mib
    return "output-size", f"wrote more than {limit} MiB, or too many files, and was stopped"


_WHAT: dict[Ended, Callable[[Outcome, PhaseTerms], tuple[str, str]]] = {
    "exited": _exited,
    "signalled": _signalled,
    "timeout": _timeout,
    "memory": _memory,
    "output": _output,
}


def _where(phase: PhaseTerms) -> str:
    if phase.logs == "own":
        return "What it printed is in the log."
    return "This phase does not show what programs print: try it on the training data."


def _cases(count: int) -> str:
    return f"{count} case" if count == 1 else f"{count} cases"


def _extra(validation: Validation, *, names_shown: bool) -> str:
    count = len(validation.extra)
    if not count:
        return ""
    files = "1 other file was" if count == 1 else f"{count} other files were"
    if not names_shown:
        return f" {files} found and ignored."
    return f" {files} found and ignored: {listed([one_line(name) for name in validation.extra])}."
