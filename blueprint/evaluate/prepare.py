"""First stage: takes a submission's files out of its repository; predictions are judged at once."""

from pathlib import Path

from blueprint.desk.port import CodeError
from blueprint.evaluate.attempt import Attempt, unusable_in_words
from blueprint.evaluate.store import CasesError
from blueprint.evaluate.verdicts import fault_of_outputs, note_on_outputs
from blueprint.ledger.outcomes import AttemptFault


def check_out(attempt: Attempt) -> AttemptFault | None:
    """Bring the submission to `checked` (code) or `predicted` (predictions)."""
    folder = code_folder(attempt)
    if attempt.has_reached("canary"):
        return None  # adopted: its files lie there already
    folder.mkdir()
    folder.chmod(0o755)
    try:
        count = attempt.workshop.desk.fetch_code(attempt.ticket.hold, folder)
    except CodeError as error:
        return AttemptFault("participant", "files", f"Your files cannot be used: {error}.")
    if attempt.ticket.kind == "predictions":
        return _judge_predictions(attempt, folder)
    attempt.advance("checked", f"{count} file{'s' if count > 1 else ''} taken from your commit")
    return None


def code_folder(attempt: Attempt) -> Path:
    """Return where the submission's files lie during the attempt."""
    return attempt.folder / "code"


def kept_folder(attempt: Attempt) -> Path:
    """Return where the validated copies of predictions lie during the attempt."""
    return attempt.folder / "kept"


def _judge_predictions(attempt: Attempt, folder: Path) -> AttemptFault | None:
    found = attempt.validate(attempt.cases, folder, kept_folder(attempt))
    if found.unusable:
        raise CasesError(unusable_in_words(found.unusable))
    fault = fault_of_outputs(found, attempt.ticket)
    if fault is None:
        note = note_on_outputs(found, names_shown=True)
        attempt.log.say(note)
        attempt.advance("checked")
        attempt.advance("predicted", note)
    return fault
