"""Carries one leased submission from `received` to `scored`, or to the fault that ended it."""

import logging
from dataclasses import replace
from threading import Event

from blueprint.desk.port import OTHER_DATA
from blueprint.desk.ticket import Ticket
from blueprint.evaluate.again import score_again
from blueprint.evaluate.attempt import Attempt, Log
from blueprint.evaluate.holdings import DataDiffersError, open_cases
from blueprint.evaluate.leftovers import note_ticket
from blueprint.evaluate.predict import run_all, run_trial
from blueprint.evaluate.prepare import check_out
from blueprint.evaluate.record import score_and_record
from blueprint.evaluate.removal import remove_tree
from blueprint.evaluate.scoring_process import ScoringProcess
from blueprint.evaluate.store import CasesError
from blueprint.evaluate.watch import StoppedError, Watch
from blueprint.evaluate.workshop import Workshop
from blueprint.ledger.outcomes import AttemptFault, LostLease

_log = logging.getLogger(__name__)
_ORGANIZER = AttemptFault(
    "organizer",
    "test-data",
    "The organizers' test data cannot be used, and their log says why. This is not your fault "
    "and uses none of your quota.",
)
_PLATFORM = AttemptFault("platform", "platform", "The platform failed while it evaluated this.")
_OTHER_DATA = AttemptFault("organizer", OTHER_DATA, "The test data are not those in force.")
_WITHDRAWN = AttemptFault("platform", "withdrawn", "It was to be cancelled.")


def run_attempt(
    workshop: Workshop,
    ticket: Ticket,
    scoring: ScoringProcess,
    stopping: Event,
    *,
    adopted: bool = False,
) -> None:
    """Evaluate a submission; whatever goes wrong is told to the desk as a fault.

    Faults of a submission are verdicts, never exceptions. What the organizers or the platform
    did wrong is told to the participant without details, which go to the evaluator's log.

    Args:
        workshop: The desk, the disk and the engine.
        ticket: The submission, held by this worker.
        scoring: The worker's scoring process.
        stopping: Set when the worker ends: the attempt is left for the next start.
        adopted: It was under way when the evaluator died, and its program still runs or has
            ended: go on from there (see `take_stock`).
    """
    log = Log(ticket.phase.logs)
    watch = Watch(workshop.desk, ticket, stopping, lambda: log.text)
    try:
        if adopted:
            log.say("The evaluator was restarted meanwhile; the program ran on.")
        attempt = _begin(workshop, ticket, scoring, watch, log, adopted=adopted)
        fault = _evaluate(attempt)
        if fault is not None:
            _fail(workshop, ticket, fault, log)
    except LostLease:
        _log.info("submission %d: another worker has it", ticket.submission_id)
    except StoppedError:
        if watch.reason != "stopping":  # else still ours on paper; the next start gives it back
            _fail(workshop, ticket, _WITHDRAWN, log)
    except DataDiffersError as error:
        _log.warning("submission %d is put off: %s", ticket.submission_id, error)
        _fail(workshop, ticket, _OTHER_DATA, log)
    except CasesError as error:
        _log.error("submission %d: %s", ticket.submission_id, error)
        # What a correction meets is read by the organizers alone: they are told in full.
        said = (
            _ORGANIZER if ticket.hold.work == "judge" else replace(_ORGANIZER, message=str(error))
        )
        _fail(workshop, ticket, said, log)
    except Exception:  # noqa: BLE001 (logged; the daemon goes on, whatever an attempt meets)
        _log.exception("submission %d: the attempt failed", ticket.submission_id)
        _fail(workshop, ticket, _PLATFORM, log)
    finally:
        remove_tree(workshop.store.runs / str(ticket.submission_id))


def _evaluate(attempt: Attempt) -> AttemptFault | None:
    ticket = attempt.ticket
    if ticket.hold.work == "rescore":
        return score_again(attempt)
    run_s = 0.0
    fault = check_out(attempt)
    if fault is None and ticket.kind == "code":
        fault = run_trial(attempt)
        if fault is None:
            run_s, fault = run_all(attempt)
    if fault is None:
        score_and_record(attempt, run_s=run_s)
    else:
        attempt.log.say(fault.message)
    return fault


def _begin(
    workshop: Workshop,
    ticket: Ticket,
    scoring: ScoringProcess,
    watch: Watch,
    log: Log,
    *,
    adopted: bool,
) -> Attempt:
    scoring.warm_up()
    folder = workshop.store.runs / str(ticket.submission_id) / str(ticket.hold.attempt)
    if not adopted:
        remove_tree(folder.parent)  # what a killed attempt left
        folder.mkdir(parents=True)
        note_ticket(folder, ticket)
    cases, stamp = open_cases(workshop.store, workshop.digests, ticket)
    return Attempt(workshop, scoring, ticket, watch, cases, folder, log, stamp)


def _fail(workshop: Workshop, ticket: Ticket, fault: AttemptFault, log: Log) -> None:
    try:
        workshop.desk.fail(ticket.hold, fault, log=log.text)
    except LostLease:
        _log.info("submission %d: another worker has it", ticket.submission_id)
