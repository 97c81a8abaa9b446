"""Carries one leased submission from `received` to `scored`, or to the fault that ended it."""

import logging
from threading import Event

from blueprint.evaluate.attempt import Attempt, Log
from blueprint.evaluate.engine import Engine
from blueprint.evaluate.native import CasesError, load_cases
from blueprint.evaluate.predict import run_all, run_trial
from blueprint.evaluate.prepare import check_out
from blueprint.evaluate.record import score_and_record
from blueprint.evaluate.removal import remove_tree
from blueprint.evaluate.scoring_process import ScoringProcess
from blueprint.evaluate.watch import StoppedError, Watch
from blueprint.ledger import moves
from blueprint.ledger.leases import Lease
from blueprint.ledger.moves import Fault, LostLease
from blueprint.platform import Platform

_log = logging.getLogger(__name__)
_ORGANIZER = Fault(
    "organizer",
    "test-data",
    "The organizers' test data cannot be used, and their log says why. This is not your fault "
    "and uses none of your quota.",
)
_PLATFORM = Fault("platform", "platform", "The platform failed while it evaluated this.")


def run_attempt(
    platform: Platform, engine: Engine, lease: Lease, scoring: ScoringProcess, stopping: Event
) -> None:
    """Evaluate a submission; whatever goes wrong becomes a fault in the ledger.

    Faults of a submission are verdicts, never exceptions. What the organizers or the platform
    did wrong is told to the participant without details, which go to the platform's log.

    Args:
        platform: The deployment.
        engine: What runs code.
        lease: The submission, held by this worker.
        scoring: The worker's scoring process.
        stopping: Set when the platform ends: the attempt is left for the next start.
    """
    watch = Watch(platform, lease, stopping)
    try:
        fault = _evaluate(platform, engine, lease, scoring, watch)
        if fault is not None:
            _fail(platform, lease, fault)
    except LostLease:
        _log.info("submission %d: another worker has it", lease.submission_id)
    except StoppedError:
        _stop(platform, lease, watch)
    except CasesError as error:
        _log.error("submission %d: %s", lease.submission_id, error)
        _fail(platform, lease, _ORGANIZER)
    except Exception:  # noqa: BLE001 (logged; the daemon goes on, whatever an attempt meets)
        _log.exception("submission %d: the attempt failed", lease.submission_id)
        _fail(platform, lease, _PLATFORM)
    finally:
        remove_tree(platform.state.runs / str(lease.submission_id))


def _evaluate(
    platform: Platform, engine: Engine, lease: Lease, scoring: ScoringProcess, watch: Watch
) -> Fault | None:
    scoring.warm_up()
    attempt = _begin(platform, engine, lease, scoring, watch)
    run_s = 0.0
    fault = check_out(attempt)
    if fault is None and lease.submission.kind == "code":
        fault = run_trial(attempt)
        if fault is None:
            run_s, fault = run_all(attempt)
    if fault is None:
        score_and_record(attempt, run_s=run_s)
    else:
        attempt.log.say(fault.message)
    return fault


def _begin(
    platform: Platform, engine: Engine, lease: Lease, scoring: ScoringProcess, watch: Watch
) -> Attempt:
    submission = lease.submission
    phase = platform.challenge.phase(submission.phase)
    task = platform.challenge.task(submission.task)
    folder = platform.state.runs / str(submission.id) / str(lease.attempt)
    remove_tree(folder.parent)  # what a killed attempt left
    folder.mkdir(parents=True)
    return Attempt(
        platform=platform,
        engine=engine,
        scoring=scoring,
        lease=lease,
        watch=watch,
        task=task,
        phase=phase,
        cases=load_cases(platform, task, phase.cases),
        folder=folder,
        log=Log(platform.state.logs / f"{submission.id}.log", phase),
    )


def _fail(platform: Platform, lease: Lease, fault: Fault) -> None:
    try:
        moves.fail(platform.database, lease, fault, platform.clock())
    except LostLease:
        _log.info("submission %d: another worker has it", lease.submission_id)


def _stop(platform: Platform, lease: Lease, watch: Watch) -> None:
    if watch.reason == "stopping":
        return  # still ours on paper; the next start of the platform gives it back
    try:
        moves.cancel(platform.database, lease, platform.clock())
    except LostLease:
        _log.info("submission %d: another worker has it", lease.submission_id)
