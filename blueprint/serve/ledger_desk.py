"""The desk in process: what an evaluator asks is asked of the ledger and the repositories."""

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from threading import Event

from blueprint.desk.port import OTHER_DATA, Keep, shortened
from blueprint.desk.results import ResultError, check_result
from blueprint.desk.ticket import (
    WORK,
    Hold,
    Offers,
    Ticket,
    Work,
)
from blueprint.evaluations.sets import dataset_of, list_sets, sets_in_force
from blueprint.evaluations.settings import evaluated_by
from blueprint.evaluations.terms import Place
from blueprint.intake.repositories import embedded_repositories
from blueprint.ledger import holds, leases, moves, sweeper
from blueprint.ledger.leases import LEASE_S, RENEW_S, Lease
from blueprint.ledger.logs import keep_log
from blueprint.ledger.outcomes import AttemptFault, LostLease, Result
from blueprint.ledger.rework import KINDS, Fit, Rework
from blueprint.ledger.rework_lost import give_back_worker
from blueprint.ledger.states import State
from blueprint.ledger.submissions import Submission, get
from blueprint.platform import Platform
from blueprint.serve.askers import Askers
from blueprint.serve.rework_desk import ReworkDesk
from blueprint.serve.ticket_terms import of_submission, task_terms

_PREDICTIONS = "predictions"


class LedgerDesk:
    """Gives out and takes back work of one deployment; safe to share between threads."""

    def __init__(
        self, platform: Platform, *, gives: Collection[Work] = WORK, to_hosts: bool = False
    ) -> None:
        """Open the desk.

        Args:
            platform: The deployment.
            gives: The kinds of work that are given out.
            to_hosts: Whoever asks is an evaluation host, with a disk of its own; else all have
                the platform's.
        """
        self._platform = platform
        self._gives = frozenset(gives)
        self._askers = Askers(platform, are_hosts=to_hosts)
        self._repositories = embedded_repositories(platform)
        self._rework = ReworkDesk(platform)
        self.stopping = Event()
        """Set when the platform ends: whoever keeps work is told to leave it."""

    def lease(self, worker: str, offers: Offers | None) -> Ticket | None:
        """Return the work that waits longest and needs no more than is offered."""
        database, now = self._platform.database, self._platform.clock()
        if self.stopping.is_set():
            return None
        self._askers.note_seen(worker, offers)
        held, reworks = leases.held_by(database, worker), self._rework.held_by(worker)
        if len(held) == 1 and not reworks and held[0].submission.state == "received":
            return self._ticket(held[0])  # the answer was lost on its way
        if held or reworks:
            self._give_back(worker)
        phases = self._phases_within(offers)
        lacking = self._askers.lacking(worker)
        may_judge = "judge" in self._gives
        free = phases - self._held_phases(lacking) if may_judge else frozenset()
        # Looking first costs no write lock: idle workers must not slow down pushes.
        if leases.is_any_waiting(database, now, phases=free):
            lease = leases.acquire(database, worker, now, phases=free)
            if lease is not None:
                return self._ticket(lease)
        fit = Fit(phases, self._askers.host_of(worker), KINDS & self._gives, lacking)
        rework = self._rework.lease(worker, fit)
        return None if rework is None else self._rework_ticket(rework)

    def keep(self, hold: Hold, *, note: str | None = None, log: str | None = None) -> Keep:
        """Renew the lease when a minute of it is gone."""
        database, now = self._platform.database, self._platform.clock()
        self._askers.note_seen(hold.worker)
        if hold.work != "judge":
            said = self._rework.keep(hold, note)
            return "stopping" if said == "renewed" and self.stopping.is_set() else said
        held = leases.find(database, hold)
        if held is None or held.cancel_requested or held.lease_until is None:
            return "withdrawn"
        if log is not None:
            self._write_log(held, log)
        if note is not None:
            leases.say(database, hold, note)
        renew_at = held.lease_until - timedelta(seconds=LEASE_S - RENEW_S)
        if now >= renew_at and not leases.renew(database, hold, now):
            return "withdrawn"
        return "stopping" if self.stopping.is_set() else "renewed"

    def advance(self, hold: Hold, to: State, note: str = "") -> None:
        """Move the submission on (see `moves.advance`)."""
        held = self._held(hold)
        if hold.work != "judge":
            self._rework.keep(hold, f"{to}: {note}" if note else to)
            return
        if to == "checked":  # its evaluator has found the data to be those in force
            place = self._place_of(held)
            holds.let_go(self._platform.database, place, self._phases_of(place))
            self._askers.note_same_data(hold.worker, self._digest_at(place))
        if held.state != to:
            moves.advance(self._platform.database, hold, to, self._platform.clock(), note)

    def fetch_code(self, hold: Hold, into: Path) -> int:
        """Write the files of the submission's commit (see `Repositories.fetch`)."""
        held = self._held(hold)
        below = _PREDICTIONS if held.kind == "predictions" else ""
        return self._repositories.fetch(held.team_slug, held.commit_sha, into, below=below)

    def fail(self, hold: Hold, fault: AttemptFault, *, log: str | None = None) -> None:
        """End the attempt with a fault (see `moves.fail`); for other data, put the work off.

        Said again, it changes nothing.
        """
        if hold.work != "judge":
            self._fail_rework(hold, fault)
            return
        if self._outcome(hold) in ("failed", "retried", "cancelled"):
            return
        held = self._held(hold)
        if fault.code == OTHER_DATA:
            place, now = self._place_of(held), self._platform.clock()
            others = self._askers.note_other_data(hold.worker, self._digest_at(place))
            phases = self._phases_of(place)
            database = self._platform.database
            holds.put_off(database, hold, place, phases, now, is_held=not others)
            return
        if log is not None:
            self._write_log(held, log)
        moves.fail(self._platform.database, hold, fault, self._platform.clock())

    def record(self, hold: Hold, result: Result, *, log: str | None = None) -> None:
        """Write the scores down (see `moves.record_result`); asked again, change nothing."""
        if hold.work != "judge":
            self._check(result, get(self._platform.database, hold.submission_id))
            self._rework.record(hold, result, host=self._askers.host_of(hold.worker))
            self._askers.note_same_data(hold.worker, result.dataset_digest)
            return
        if self._outcome(hold) in ("scored", "cancelled"):
            return
        held = self._held(hold)
        self._check(result, held)
        if log is not None:
            self._write_log(held, log)
        host, now = self._askers.host_of(hold.worker), self._platform.clock()
        moves.record_result(self._platform.database, hold, result, now, host=host)

    def release(self, worker: str) -> None:
        """Put back into the queue what the worker holds; its host is gone until it asks again."""
        self._give_back(worker)
        self._askers.note_left(worker)

    def _give_back(self, worker: str) -> None:
        database = self._platform.database
        sweeper.release_worker(database, worker, self._platform.clock())
        give_back_worker(database, worker)

    def _fail_rework(self, hold: Hold, fault: AttemptFault) -> None:
        if fault.code != OTHER_DATA:
            self._rework.fail(hold, fault)
            return
        others = self._askers.note_other_data(hold.worker, self._rework.dataset_of(hold))
        self._rework.put_off(hold, others=others)

    def _digest_at(self, place: Place) -> str:
        with self._platform.database.read() as connection:
            found = sets_in_force(connection).get(place)
        return found.terms.dataset_digest if found else ""

    def _held(self, hold: Hold) -> Submission:
        if hold.work != "judge":
            return self._rework.demand_held(hold)
        found = leases.find(self._platform.database, hold)
        if found is None:
            raise LostLease(
                f"submission {hold.submission_id} is not held by {hold.worker} any more"
            )
        return found

    def _outcome(self, hold: Hold) -> str | None:
        """Return how this very attempt ended, which its worker may not have heard."""
        return leases.outcome_of(self._platform.database, hold.submission_id, hold.nonce)

    def _check(self, result: Result, held: Submission) -> None:
        """Accept a result of the data and settings that it says it is of, as they were frozen.

        Raises:
            ResultError: It is of none that this platform gave out, or not whole.
        """
        task, place = self._platform.challenge.task(held.task), self._place_of(held)
        wanted = (result.dataset_digest, result.evaluator_digest)
        with self._platform.database.read() as connection:
            if wanted == ("", "") and place not in sets_in_force(connection):
                check_result(result, task_terms(task), cases=None)
                return
            for known in list_sets(connection):
                terms = known.terms
                if (known.place, terms.dataset_digest, terms.evaluator_digest) == (place, *wanted):
                    cases = dataset_of(connection, wanted[0]).cases
                    check_result(result, task_terms(terms.apply_to(task)), cases=cases)
                    return
        raise ResultError("these are scores of data or settings that were never in force here")

    def _phases_within(self, offers: Offers | None) -> frozenset[str]:
        return frozenset(
            phase.id
            for phase in self._platform.challenge.phases
            if offers is None
            or (
                phase.resources.cpus <= offers.cpus
                and phase.resources.memory_mib <= offers.memory_mib
                and phase.resources.gpus <= offers.gpus
            )
        )

    def _held_phases(self, lacking: Collection[str]) -> frozenset[str]:
        """Return the phases whose test data, or metrics, are not as they were put in force.

        Args:
            lacking: Datasets that whoever asks does not have.
        """
        with self._platform.database.read() as connection:
            held = set(holds.held_places(connection, self._platform.clock()))
            held |= {
                place
                for place, found in sets_in_force(connection).items()
                if not found.terms.is_computed_here or found.terms.dataset_digest in lacking
            }
        return frozenset[str]().union(*(self._phases_of(place) for place in held))

    def _phases_of(self, place: Place) -> frozenset[str]:
        phases = self._platform.challenge.phases
        return frozenset(one.id for one in phases if (one.task, one.cases) == place)

    def _place_of(self, submission: Submission) -> Place:
        return submission.task, self._platform.challenge.phase(submission.phase).cases

    def _write_log(self, held: Submission, log: str) -> None:
        if self._platform.challenge.phase(held.phase).feedback.logs != "none" and log:
            keep_log(self._platform.stores.logs, held.id, shortened(log))

    def _ticket(self, lease: Lease) -> Ticket:
        submission, challenge = lease.submission, self._platform.challenge
        task, place = challenge.task(submission.task), self._place_of(submission)
        with self._platform.database.read() as connection:
            found = sets_in_force(connection).get(place)
        terms = found.terms if found else None
        return Ticket(
            **of_submission(submission, challenge.phase(submission.phase)),
            hold=Hold(
                "judge", submission.id, lease.token, lease.attempt, lease.worker, lease.nonce
            ),
            until=lease.until,
            lease_s=LEASE_S,
            task=task_terms(terms.apply_to(task) if terms else task),
            dataset_digest=terms.dataset_digest if terms else "",
            evaluator_digest=terms.evaluator_digest if terms else "",
        )

    def _rework_ticket(self, work: Rework) -> Ticket:
        submission, challenge = work.submission, self._platform.challenge
        task = evaluated_by(challenge.task(submission.task), work.evaluator)
        return Ticket(
            **of_submission(submission, challenge.phase(submission.phase)),
            hold=Hold(work.kind, submission.id, work.token, work.attempt, work.worker, work.nonce),
            until=work.until,
            lease_s=LEASE_S,
            task=task_terms(task),
            dataset_digest=work.dataset_digest,
            evaluator_digest=work.evaluator_digest,
            kept=work.kept,
            predictions=work.predictions if work.kind == "rescore" else {},
        )
