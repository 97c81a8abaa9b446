"""First stage: takes a submission's files out of its repository; predictions are judged at once."""

from pathlib import Path

from blueprint.evaluate.attempt import Attempt, unusable_in_words
from blueprint.evaluate.checkout import CheckoutError, materialise
from blueprint.evaluate.native import CasesError
from blueprint.evaluate.verdicts import fault_of_outputs, note_on_outputs
from blueprint.ledger.moves import Fault

PREDICTIONS = "predictions"


def check_out(attempt: Attempt) -> Fault | None:
    """Bring the submission to `checked` (code) or `predicted` (predictions)."""
    predictions = attempt.submission.kind == "predictions"
    folder = code_folder(attempt)
    folder.mkdir()
    folder.chmod(0o755)
    repository = attempt.platform.state.git / f"{attempt.submission.team_slug}.git"
    try:
        count = materialise(
            repository,
            attempt.submission.commit_sha,
            folder,
            below=PREDICTIONS if predictions else "",
        )
    except CheckoutError as error:
        return Fault("participant", "files", f"Your files cannot be used: {error}.")
    if predictions:
        return _judge_predictions(attempt, folder)
    attempt.advance("checked", f"{count} file{'s' if count > 1 else ''} taken from your commit")
    return None


def code_folder(attempt: Attempt) -> Path:
    """Return where the submission's files lie during the attempt."""
    return attempt.folder / "code"


def kept_folder(attempt: Attempt) -> Path:
    """Return where the validated copies of predictions lie during the attempt."""
    return attempt.folder / "kept"


def _judge_predictions(attempt: Attempt, folder: Path) -> Fault | None:
    found = attempt.validate(attempt.cases, folder, kept_folder(attempt))
    if found.unusable:
        raise CasesError(unusable_in_words(found.unusable))
    fault = fault_of_outputs(
        found, attempt.task, attempt.phase, kind="predictions", names_shown=True
    )
    if fault is None:
        note = note_on_outputs(found, names_shown=True)
        attempt.log.say(note)
        attempt.advance("checked")
        attempt.advance("predicted", note)
    return fault
