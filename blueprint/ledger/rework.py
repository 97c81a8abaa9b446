"""Work on submissions that were judged before: evaluations that a correction wants made anew.

They wait in a queue of their own, are leased, kept and fenced off as submissions are, and never
touch the submission itself: its state, its quota and its receipt stay as they are.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, Connection, Select, exists, or_, select, update

from blueprint.database.connection import Database
from blueprint.database.schema import evaluation_sets, evaluations, evaluators, submissions
from blueprint.ledger.endings import RETRY_AFTER_S, storable
from blueprint.ledger.evaluations import Made, write_scores
from blueprint.ledger.hosts import EMBEDDED
from blueprint.ledger.leases import LEASE_S, Claim
from blueprint.ledger.outcomes import AttemptFault, LostLease, Result
from blueprint.ledger.submissions import Submission, load_one

Kind = Literal["rescore", "rejudge"]
KINDS: frozenset[Kind] = frozenset(("rescore", "rejudge"))
OTHER_FILES = "the files were changed again since the correction was begun"
"""The note of an evaluation that waits for the files of its correction."""


class NamedClaim(Claim, Protocol):
    """A claim with the mark of its attempt."""

    @property
    def nonce(self) -> str:
        """The mark."""


@dataclass(frozen=True)
class Fit:
    """What whoever asks can do."""

    phases: Collection[str]
    """Only submissions in these phases."""
    host: str = EMBEDDED
    """On whose disk it works: predictions that are kept elsewhere are not its to score."""
    kinds: Collection[Kind] = KINDS
    without: Collection[str] = ()
    """Digests of datasets that it does not have."""


@dataclass(frozen=True)
class Rework:
    """One evaluation to be made anew, as it was leased."""

    evaluation_id: int
    submission: Submission
    kind: Kind
    dataset_digest: str
    evaluator_digest: str
    evaluator: Mapping[str, Any]
    """The settings with this digest."""
    kept: str
    """The folder of predictions: a rescore reads it, a rejudge fills it."""
    predictions: Mapping[str, str]
    """What a rescore finds there: case to SHA-256, empty where that was not written down."""
    token: int
    attempt: int
    nonce: str
    worker: str
    until: datetime


def acquire_rework(database: Database, worker: str, now: datetime, fit: Fit) -> Rework | None:
    """Take the evaluation that waits longest, or None when none may be taken now.

    Args:
        database: Where they are.
        worker: Who takes it.
        now: The present moment.
        fit: What it can do.
    """
    with database.read() as connection:
        if connection.execute(_next(now, fit)).first() is None:
            return None
    with database.write() as connection:
        waiting = _next(now, fit).with_for_update(of=evaluations, skip_locked=True)
        row = connection.execute(waiting).mappings().first()
        if row is None:
            return None
        until, nonce = now + timedelta(seconds=LEASE_S), secrets.token_hex(8)
        taken = {
            "state": "running", "worker": worker, "token": row["token"] + 1,
            "attempt": row["attempt"] + 1, "nonce": nonce, "lease_until": until,
            "not_before": None, "note": "",
        }  # fmt: skip
        connection.execute(update(evaluations).where(evaluations.c.id == row["id"]).values(taken))
        return _rework(connection, {**row, **taken})


def reworks_held_by(database: Database, worker: str) -> list[Rework]:
    """Return what a worker has, as it was given to it."""
    held = (evaluations.c.worker == worker) & (evaluations.c.state == "running")
    with database.read() as connection:
        rows = connection.execute(select(evaluations).where(held)).mappings().all()
        return [_rework(connection, dict(row)) for row in rows]


def _rework(connection: Connection, row: Mapping[str, Any]) -> Rework:
    evaluator = select(evaluators.c.document).where(evaluators.c.digest == row["evaluator_digest"])
    return Rework(
        evaluation_id=row["id"],
        submission=load_one(connection, row["submission_id"]),
        kind=row["kind"],
        dataset_digest=row["dataset_digest"],
        evaluator_digest=row["evaluator_digest"],
        evaluator=connection.execute(evaluator).scalar_one(),
        kept=kept_of(row),
        predictions=row["predictions"] or {},
        token=row["token"],
        attempt=row["attempt"],
        nonce=row["nonce"],
        worker=row["worker"],
        until=row["lease_until"],
    )


def renew_rework(database: Database, claim: Claim, now: datetime, note: str | None = None) -> bool:
    """Hold on for another while; False when the work is lost, or not wanted any more."""
    told = {} if note is None else {"note": note}
    until = now + timedelta(seconds=LEASE_S)
    with database.write() as connection:
        held = (*_held(claim), _is_wanted())
        renewed = update(evaluations).where(*held).values(lease_until=until, **told)
        return connection.execute(renewed).rowcount == 1


def rework_held_until(database: Database, claim: Claim) -> datetime | None:
    """Return until when the work is the worker's; None when it is not, or not wanted any more."""
    with database.read() as connection:
        held = select(evaluations.c.lease_until).where(*_held(claim), _is_wanted())
        until: datetime | None = connection.execute(held).scalar()
        return until


def dataset_of_rework(database: Database, claim: Claim) -> str:
    """Return the digest of the dataset that a piece of work is on.

    Raises:
        LostLease: The lease is not in force any more.
    """
    with database.read() as connection:
        held = select(evaluations.c.dataset_digest).where(*_held(claim), _is_wanted())
        digest: str | None = connection.execute(held).scalar()
    if digest is None:
        raise LostLease(f"submission {claim.submission_id} is not scored again by {claim.worker}")
    return digest


def is_rework_done(database: Database, claim: NamedClaim) -> bool:
    """Tell whether this very attempt has written its scores already."""
    done = select(evaluations.c.id).where(
        evaluations.c.submission_id == claim.submission_id,
        evaluations.c.state == "done",
        evaluations.c.token == claim.token,
        evaluations.c.nonce == claim.nonce,
    )
    with database.read() as connection:
        return connection.execute(done).first() is not None


def finish_rework(
    database: Database, claim: Claim, result: Result, now: datetime, *, host: str = EMBEDDED
) -> None:
    """Write the scores of an evaluation down, once.

    Args:
        database: Where it is.
        claim: What the worker was given.
        result: What it came to.
        now: The present moment.
        host: On whose disk its predictions are kept.

    Raises:
        LostLease: The lease is not in force any more; nothing was recorded.
        ValueError: A score is not finite.
    """
    with database.write() as connection:
        row = _demand_held(connection, claim)
        write_scores(connection, row["id"], Made(result, now, kept_of(row), host))


def kept_of(row: Mapping[str, Any]) -> str:
    """Return the folder of an evaluation's predictions: a rejudge keeps its own beside the old."""
    number, evaluation = row["submission_id"], row["id"]
    return f"{number}-{evaluation}" if row["kind"] == "rejudge" else str(row["kept"])


def fail_rework(database: Database, claim: Claim, fault: AttemptFault, now: datetime) -> None:
    """End an attempt with a fault; one of the platform is tried again, at most three times.

    Raises:
        LostLease: The lease is not in force any more; nothing was changed.
    """
    with database.write() as connection:
        row = _demand_held(connection, claim)
        mine, faults = evaluations.c.id == row["id"], int(row["platform_faults"])
        is_again = fault.class_ == "platform" and faults < len(RETRY_AFTER_S)
        wait_s = RETRY_AFTER_S[faults] if is_again else 0
        connection.execute(
            update(evaluations)
            .where(mine)
            .values(
                state="waiting" if is_again else "failed", lease_until=None, worker=None,
                platform_faults=faults + (fault.class_ == "platform"),
                not_before=now + timedelta(seconds=wait_s) if is_again else None,
                token=evaluations.c.token + 1, fault_code=fault.code[:40],
                fault_message=storable(fault.message),
            )
        )  # fmt: skip


def put_rework_off(database: Database, claim: Claim, not_before: datetime | None) -> None:
    """Put an evaluation back into its queue, as the files are not those of its correction.

    Args:
        database: Where it is.
        claim: What the worker was given.
        not_before: When it may be taken again; None: at once, by another host.
    """
    with database.write() as connection:
        connection.execute(
            update(evaluations)
            .where(*_held(claim))
            .values(
                state="waiting", lease_until=None, worker=None, token=claim.token + 1,
                not_before=not_before, note=OTHER_FILES,
            )
        )  # fmt: skip


def _next(now: datetime, fit: Fit) -> "Select[Any]":
    is_within_reach = or_(
        evaluations.c.kind == "rejudge",
        evaluations.c.host == fit.host,
        evaluations.c.host.is_(None),  # nobody knows: whoever asks first looks
    )
    return (
        select(evaluations)
        .join(submissions, submissions.c.id == evaluations.c.submission_id)
        .where(
            submissions.c.phase.in_(sorted(fit.phases)),
            evaluations.c.kind.in_(sorted(fit.kinds)),
            evaluations.c.dataset_digest.not_in(sorted(fit.without)),
            is_within_reach,
            evaluations.c.state == "waiting",
            or_(evaluations.c.not_before.is_(None), evaluations.c.not_before <= now),
            _is_wanted(),
        )
        .order_by(evaluations.c.kind.desc(), evaluations.c.id)  # what is quick comes first
        .limit(1)
    )


def _is_wanted() -> ColumnElement[bool]:
    """Return whether a correction that is pending needs the evaluation."""
    return exists().where(
        evaluation_sets.c.state == "pending",
        evaluation_sets.c.dataset_digest == evaluations.c.dataset_digest,
        evaluation_sets.c.evaluator_digest == evaluations.c.evaluator_digest,
    )


def _held(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        evaluations.c.submission_id == claim.submission_id,
        evaluations.c.state == "running",
        evaluations.c.token == claim.token,
        evaluations.c.worker == claim.worker,
    )


def _demand_held(connection: Connection, claim: Claim) -> Mapping[str, Any]:
    """Return the row of the evaluation that a claim holds."""
    held = select(evaluations).where(*_held(claim), _is_wanted()).with_for_update(of=evaluations)
    row = connection.execute(held).mappings().first()
    if row is None:
        raise LostLease(f"submission {claim.submission_id} is not scored again by {claim.worker}")
    return dict(row)
