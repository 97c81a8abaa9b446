"""Any order of moves, wishes, crashes and sweeps keeps what must always hold."""

import contextlib
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.errors import ConflictError
from blueprint.ledger.history import attempts_of, events_of, result_of, scores_of
from blueprint.ledger.leases import Lease, acquire, renew
from blueprint.ledger.moves import (
    AttemptFault,
    LostLease,
    Mean,
    Result,
    ScoreRow,
    advance,
    fail,
    mark_published,
    record_result,
    request_cancel,
)
from blueprint.ledger.states import JUDGED, STATES, can_move
from blueprint.ledger.submissions import Submission, get, list_submissions
from blueprint.ledger.sweeper import release_all
from tests.unit.ledger.sweeping import sweep

RESULT = Result(
    1.0, 1.0, [ScoreRow("case-01", "dice", "mean", 0.5, "ok")], [Mean("dice", "mean", 0.5)]
)
FAULTS = [
    AttemptFault("participant", "exit-code", "exit code 1"),
    AttemptFault("organizer", "cases", "a reference is gone"),
    AttemptFault("platform", "engine", "the engine is down"),
]


class Walk:
    """Random steps over the ledger's public functions; leases are kept long after they end."""

    def __init__(self, database: Database, seed: int, start: datetime) -> None:
        self.database = database
        self.dice = random.Random(seed)  # noqa: S311 (a walk that can be repeated)
        self.now = start
        self.leases: list[Lease] = []
        self.tokens: dict[int, int] = {}

    def step(self) -> None:
        self.now += timedelta(seconds=self.dice.choice([0, 1, 30, 61, 400]))
        actions = [self.take, self.move, self.move, self.move, self.move, self.end, self.wish,
                   self.tidy]  # fmt: skip
        self.dice.choice(actions)()

    def take(self) -> None:
        lease = acquire(self.database, f"worker-{self.dice.randint(1, 3)}", self.now)
        if lease is not None:
            self.leases.append(lease)

    def move(self) -> None:
        self._with_lease(self._one_move)

    def end(self) -> None:
        self._with_lease(self._one_end)

    def wish(self) -> None:
        number = self.dice.randint(1, 6)
        if self.dice.random() < 0.2:
            with contextlib.suppress(ConflictError):
                request_cancel(self.database, number, "person-1", self.now)
        else:
            mark_published(self.database, [number], self.now)

    def tidy(self) -> None:
        if self.dice.random() < 0.3:
            release_all(self.database, "worker-", self.now)
        else:
            sweep(self.database, lambda one: one.tag, self.now)

    def _with_lease(self, act: Callable[[Lease], None]) -> None:
        if self.leases:
            lease = self.dice.choice(self.leases)
            before = get(self.database, lease.submission_id)
            try:
                act(lease)
            except LostLease:
                assert before.token != lease.token or before.state in JUDGED
                assert get(self.database, lease.submission_id) == before
            else:
                assert before.token == lease.token

    def _one_move(self, lease: Lease) -> None:
        state = get(self.database, lease.submission_id).state
        if state == "scoring":
            record_result(self.database, lease, RESULT, self.now)
            return
        ways = [to for to in STATES if to not in (*JUDGED, "received") and can_move(state, to)]
        advance(self.database, lease, self.dice.choice(ways or ["checked"]), self.now)

    def _one_end(self, lease: Lease) -> None:
        kind = self.dice.randint(0, 2)
        if kind == 0:
            fail(self.database, lease, self.dice.choice(FAULTS), self.now)
        elif kind == 1 and get(self.database, lease.submission_id).cancel_requested:
            fail(self.database, lease, FAULTS[2], self.now)
        elif not renew(self.database, lease, self.now):
            raise LostLease("renewal refused")

    def check(self) -> None:
        for one in list_submissions(self.database):
            self._check_one(one)

    def _check_one(self, one: Submission) -> None:
        assert one.token >= self.tokens.get(one.id, 0), "the fencing token never falls"
        self.tokens[one.id] = one.token
        has_result = one.state in {"scored", "published"}
        assert (result_of(self.database, one.id) is not None) == has_result
        assert len(scores_of(self.database, one.id)) == has_result
        assert (one.finished_at is not None) == (one.state in JUDGED)
        assert (one.lease_until is None) == (one.worker is None)
        assert one.refunded == (one.fault_class in {"platform", "organizer"})
        assert (one.fault_class is not None) == (one.state == "failed")
        tries = attempts_of(self.database, one.id)
        assert [item.number for item in tries] == list(range(1, one.attempt + 1))
        running = [item.number for item in tries if item.ended_at is None]
        assert running == ([one.attempt] if one.lease_until is not None else [])
        moves = events_of(self.database, one.id)
        assert all(a.to_state == b.from_state for a, b in pairwise(moves))
        assert moves[-1].to_state == one.state


@pytest.fixture
def where(request: pytest.FixtureRequest, new_database: Callable[[str], Path | str]) -> Path | str:
    return new_database(request.param)


# A server answers each statement later than a file does: two walks on it are enough.
@pytest.mark.parametrize(
    ("where", "seed"),
    [*(("sqlite", seed) for seed in range(6)), *(("postgresql", seed) for seed in (6, 7))],
    indirect=["where"],
)
def test_every_walk_keeps_the_invariants_and_comes_to_an_end(
    database: Database, enqueue: Callable[..., Submission], noon: datetime, seed: int
) -> None:
    for number in range(6):
        enqueue(team=1 + number % 3, confirmed=number % 2 == 0)
    walk = Walk(database, seed, noon)

    for _ in range(120):
        walk.step()
        walk.check()
    finish(walk)

    assert len(list_submissions(database)) == 6, "nothing is lost"
    assert {one.state for one in list_submissions(database)} <= {"published", "failed", "cancelled"}
    assert audit.verify(database).problem == ""


def finish(walk: Walk) -> None:
    """Let everything end in good weather."""
    for _ in range(40):
        walk.now += timedelta(minutes=11)
        sweep(walk.database, lambda one: one.tag, walk.now)
        while (lease := acquire(walk.database, "worker-1", walk.now)) is not None:
            if lease.submission.cancel_requested:
                fail(walk.database, lease, FAULTS[2], walk.now)
                continue
            for state in ("checked", "predicting", "predicted", "scoring"):
                advance(walk.database, lease, state, walk.now)
            record_result(walk.database, lease, RESULT, walk.now)
        mark_published(walk.database, [one.id for one in list_submissions(walk.database)], walk.now)
        walk.check()
