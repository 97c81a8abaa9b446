"""Sets in force and the work of corrections, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from blueprint import audit
from blueprint.config.model import Task
from blueprint.database.connection import Database
from blueprint.database.schema import evaluation_sets, evaluations
from blueprint.evaluations.datasets import CaseDigests, Dataset, FileDigest
from blueprint.evaluations.sets import (
    SETS,
    EvaluationSet,
    abandon,
    add_pending,
    keep_terms,
    list_sets,
    pending_sets,
    put_in_force,
    sets_in_force,
    switch,
)
from blueprint.evaluations.terms import Terms, terms_of
from blueprint.ledger import rework, rework_lost
from blueprint.ledger.history import result_of, scores_of
from blueprint.ledger.leases import Lease, acquire
from blueprint.ledger.moves import record_result
from blueprint.ledger.outcomes import AttemptFault, LostLease, Mean, Result, ScoreRow
from blueprint.ledger.rework import Fit
from blueprint.ledger.states import State
from blueprint.ledger.submissions import Submission, get
from tests.unit.ledger.test_moves import WAY

Enqueue = Callable[..., Submission]
PLACE = ("tissue", "public")
PHASES = ["preliminary"]
TASK = Task.model_validate(
    {
        "id": "tissue", "title": "Tissue", "problem": "semantic-segmentation",
        "inputs": {"t1": "image"}, "outputs": {"mask": "segmentation"}, "labels": {1: "grey"},
        "cases": {"public": "data"}, "metrics": [{"id": "dice"}],
    }
)  # fmt: skip


def dataset(mark: str) -> Dataset:
    files = {"mask": FileDigest(mark * 64, 1)}
    return Dataset("tissue", "public", {"case-01": CaseDigests({}, files)})


def result(terms: Terms, value: float) -> Result:
    return Result(
        run_s=1.0, score_s=0.5, scores=[ScoreRow("case-01", "dice", "mean", value, "ok")],
        means=[Mean("dice", "mean", value)], dataset_digest=terms.dataset_digest,
        evaluator_digest=terms.evaluator_digest, predictions={"case-01": "a" * 64},
    )  # fmt: skip


@pytest.fixture
def old(database: Database, noon: datetime) -> Terms:
    """What is in force."""
    terms = terms_of(TASK, "public", dataset("1").digest, ())
    with database.write(SETS) as connection:
        keep_terms(connection, terms, dataset("1"), noon)
        put_in_force(connection, terms, by="test", now=noon)
    return terms


@pytest.fixture
def new(database: Database, old: Terms, noon: datetime) -> Terms:
    """What a correction wants."""
    terms = terms_of(TASK, "public", dataset("2").digest, ())
    with database.write(SETS) as connection:
        keep_terms(connection, terms, dataset("2"), noon)
        add_pending(connection, terms, by="test", now=noon)
    return terms


def judge(database: Database, submission: Submission, made: Result, now: datetime) -> State:
    lease = acquire(database, "worker-1", now)
    assert lease is not None
    assert lease.submission_id == submission.id
    return bring(database, lease, made, now)


def bring(database: Database, lease: Lease, made: Result, now: datetime) -> State:
    from blueprint.ledger.moves import advance  # noqa: PLC0415

    for state in WAY:
        advance(database, lease, state, now)
    return record_result(database, lease, made, now)


def queue(database: Database, submission: int, terms: Terms, kind: str = "rescore") -> None:
    row: dict[str, Any] = {
        "submission_id": submission, "dataset_digest": terms.dataset_digest,
        "evaluator_digest": terms.evaluator_digest, "kind": kind, "state": "waiting",
        "kept": str(submission), "predictions": {"case-01": "a" * 64},
    }  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(evaluations).values(row))


def the_pending(database: Database) -> EvaluationSet:
    with database.read() as connection:
        return pending_sets(connection)["tissue", "public"]


def put_the_new_in_force(database: Database, now: datetime) -> None:
    one = the_pending(database)
    with database.write(SETS) as connection:
        assert switch(connection, one, reason="Mended.", by="test", now=now, difference={})


def test_one_set_in_force_and_one_pending_for_a_split(database, old, new, noon):
    with (
        pytest.raises(IntegrityError),
        database.write(SETS) as connection,
    ):
        add_pending(connection, replace(new, dataset_digest=old.dataset_digest), by="x", now=noon)
    with database.read() as connection:
        assert sets_in_force(connection)["tissue", "public"].terms == old
        assert pending_sets(connection)["tissue", "public"].terms == new


def test_a_correction_counts_from_its_publication_on(database, enqueue, old, new, noon):
    one = enqueue()
    assert judge(database, one, result(old, 0.75), noon) == "scored"
    queue(database, one.id, new)
    work = rework.acquire_rework(database, "worker-1", noon, Fit(PHASES))
    assert work is not None
    assert (work.kind, work.kept, work.dataset_digest) == ("rescore", "1", new.dataset_digest)
    assert rework.acquire_rework(database, "worker-2", noon, Fit(PHASES)) is None
    rework.finish_rework(database, Claim(work), result(new, 0.5), noon)
    assert [row.value for row in scores_of(database, one.id)] == [0.75]
    assert get(database, one.id).state == "scored"

    put_the_new_in_force(database, noon + timedelta(hours=1))

    assert [row.value for row in scores_of(database, one.id)] == [0.5]
    found = result_of(database, one.id)
    assert found is not None
    assert (found.kind, found.reason) == ("rescore", "Mended.")
    assert found.in_force_since == noon + timedelta(hours=1)
    assert audit.verify(database).problem == ""
    with database.read() as connection:
        assert [one.state for one in list_sets(connection)] == ["retired", "in-force"]


def test_what_was_made_with_the_old_data_is_no_result_any_more(database, enqueue, old, new, noon):
    one = enqueue()
    lease = acquire(database, "worker-1", noon)
    assert lease is not None
    put_the_new_in_force(database, noon)

    assert bring(database, lease, result(old, 0.75), noon) == "received"

    assert "corrected" in get(database, one.id).note
    assert result_of(database, one.id) is None
    assert judge(database, one, result(new, 0.5), noon) == "scored"


def test_a_lost_worker_can_record_nothing_and_another_goes_on(database, enqueue, old, new, noon):
    one = enqueue()
    judge(database, one, result(old, 0.75), noon)
    queue(database, one.id, new)
    lost = rework.acquire_rework(database, "worker-1", noon, Fit(PHASES))
    assert lost is not None
    later = noon + timedelta(hours=1)
    assert rework_lost.give_back_overdue(database, later) == [lost.evaluation_id]

    with pytest.raises(LostLease):
        rework.finish_rework(database, Claim(lost), result(new, 0.1), later)

    again = rework.acquire_rework(database, "worker-2", later, Fit(PHASES))
    assert again is not None
    rework.finish_rework(database, Claim(again), result(new, 0.5), later)
    assert rework.is_rework_done(database, Claim(again))
    with database.read() as connection:
        done = select(func.count()).where(evaluations.c.state == "done")
        assert connection.execute(done).scalar_one() == 2


def test_a_platform_fault_is_tried_three_times_and_then_named(database, enqueue, old, new, noon):
    one = enqueue()
    judge(database, one, result(old, 0.75), noon)
    queue(database, one.id, new)
    fault, now = AttemptFault("platform", "platform", "It broke."), noon
    for _ in range(4):
        work = rework.acquire_rework(database, "worker-1", now, Fit(PHASES))
        assert work is not None
        rework.fail_rework(database, Claim(work), fault, now)
        assert rework.acquire_rework(database, "worker-1", now, Fit(PHASES)) is None
        now += timedelta(seconds=301)

    assert rework.acquire_rework(database, "worker-1", now, Fit(PHASES)) is None
    with database.read() as connection:
        row = connection.execute(select(evaluations).where(evaluations.c.state == "failed")).one()
    assert (row.platform_faults, row.fault_message) == (4, "It broke.")


def test_an_abandoned_correction_is_worked_on_no_more(database, enqueue, old, new, noon):
    one = enqueue()
    judge(database, one, result(old, 0.75), noon)
    queue(database, one.id, new)
    work = rework.acquire_rework(database, "worker-1", noon, Fit(PHASES))
    assert work is not None

    with database.write(SETS) as connection:
        abandon(connection, list_sets(connection, "pending"), "test", noon)

    assert rework.rework_held_until(database, Claim(work)) is None
    with pytest.raises(LostLease):
        rework.finish_rework(database, Claim(work), result(new, 0.5), noon)
    with database.read() as connection:
        states = connection.execute(select(evaluation_sets.c.state)).scalars().all()
    assert sorted(states) == ["abandoned", "in-force"]


class Claim:
    """What a worker shows of a piece of work."""

    def __init__(self, work: rework.Rework) -> None:
        self.submission_id = work.submission.id
        self.token, self.worker, self.nonce = work.token, work.worker, work.nonce
