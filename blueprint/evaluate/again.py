"""Scores kept predictions again, for a correction: nobody's code runs."""

from pathlib import Path

from blueprint.evaluate.attempt import Attempt, prediction_path
from blueprint.evaluate.record import score, sha256_of
from blueprint.ledger.outcomes import AttemptFault

LOST = "predictions-lost"


def score_again(attempt: Attempt) -> AttemptFault | None:
    """Score what was kept of a submission against the ticket's cases, and record it.

    Returns:
        Why that cannot be: a kept prediction is gone or is not what was kept.
    """
    ticket = attempt.ticket
    folder = attempt.workshop.store.predictions / ticket.kept
    wanted = {case.id: case for case in attempt.cases if case.id in ticket.predictions}
    for case_id, sha256 in sorted(ticket.predictions.items()):
        if case_id not in wanted:
            continue  # the case was taken out
        file = folder / prediction_path(wanted[case_id], ticket)
        if problem := _problem(file, sha256):
            return AttemptFault(
                "organizer", LOST, f"its kept prediction of {case_id} {problem} ({file})"
            )
    result = score(attempt, folder, run_s=0.0, among=wanted)
    attempt.workshop.desk.record(ticket.hold, result, log=None)
    return None


def _problem(file: Path, sha256: str) -> str:
    try:
        found = sha256_of(file)
    except FileNotFoundError:
        return "is lost"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "is damaged: it is not what was kept" if sha256 and found != sha256 else ""
