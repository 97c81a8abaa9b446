"""Verdicts on runs: one sentence each, whose fault, and nothing that the program made up."""

import signal

import pytest

from blueprint.evaluate.engine import Ended, Outcome
from blueprint.evaluate.verdicts import fault_of_run, run_in_words
from tests.tickets import phase_terms

SECRET = b"stolen pixels"


def outcome(ended: Ended, exit_code: int | None = None, number: int | None = None) -> Outcome:
    return Outcome(ended, exit_code, number, 1.0, 20.0, SECRET, SECRET.decode())


HIDDEN = "This phase does not show what programs print: try it on the training data."


@pytest.mark.parametrize(
    ("how", "code", "what"),
    [
        (outcome("exited", 1), "exit-code", "ended with exit code 1"),
        (outcome("exited", 137), "exit-code", "ended with exit code 137"),
        (outcome("timeout"), "timeout", "was still running after 30 s and was stopped"),
        (outcome("memory"), "memory", "used more than 512 MiB of memory and was stopped"),
        (
            outcome("output"),
            "output-size",
            "wrote more than 64 MiB, or too many files, and was stopped",
        ),
        (
            outcome("signalled", number=int(signal.SIGSEGV)),
            "signal",
            "was ended by signal 11 (SIGSEGV: it used memory that is not its own)",
        ),
        (outcome("signalled", number=12), "signal", "was ended by signal 12 (SIGUSR2)"),
        (outcome("signalled", number=40), "signal", "was ended by signal 40"),
    ],
)
def test_a_failed_run_is_the_participants_fault_and_says_how(
    how: Outcome, code: str, what: str
) -> None:
    fault = fault_of_run(how, phase_terms(), run="the trial run on 1 case")

    assert fault is not None
    assert (fault.class_, fault.code) == ("participant", code)
    assert fault.message == f"Your program {what} in the trial run on 1 case. {HIDDEN}"


def test_exit_code_zero_is_no_fault() -> None:
    assert fault_of_run(outcome("exited", 0), phase_terms(), run="the full run") is None


def test_where_output_is_shown_the_verdict_points_to_it() -> None:
    fault = fault_of_run(outcome("exited", 1), phase_terms("own"), run="the full run on 8 cases")

    assert fault is not None
    assert fault.message.endswith("in the full run on 8 cases. What it printed is in the log.")


def test_runs_are_named() -> None:
    assert run_in_words(1, trial=True) == "the trial run on 1 case"
    assert run_in_words(8, trial=False) == "the full run on 8 cases"
