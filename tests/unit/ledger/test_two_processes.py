"""What relied on a single writer holds with two processes at once, on SQLite and PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.ledger.history import attempts_of, events_of
from blueprint.ledger.submissions import Submission, list_submissions

ROOT = Path(__file__).resolve().parents[3]
# Both wait for the other before they begin, so that they do begin together.
BEGIN = """
import sys
from datetime import UTC, datetime
from blueprint.database.opening import open_database

where, me = sys.argv[1], int(sys.argv[2])
database = open_database(where)
now = datetime(2027, 6, 15, 12, tzinfo=UTC)
with database.read():
    pass
print("ready", flush=True)
sys.stdin.readline()
"""
AUDIT = """
from blueprint import audit
for number in range(60):
    with database.write() as connection:
        audit.append(connection, now, f"process-{me}", "test.done", str(number), {})
"""
PUSH = """
import hashlib
from blueprint.config.model import Phase
from blueprint.intake.quota import exceeded, usage_of
from blueprint.ledger.reservations import Push, confirm, reserve

for number in range(40):
    # Both push for the same team to the same phase, which lets one in.
    phase = Phase.model_validate({
        "id": f"phase-{number}", "tasks": ["tissue"], "opens": "2027-06-01", "closes": "2027-06-30",
        "limits": {"per_day": None, "total": 1, "concurrent": None, "failed_per_day": None},
    })
    sha = hashlib.sha1(f"{me}-{number}".encode()).hexdigest()
    push = Push(challenge="brain-tissue", phase=phase.id, task="tissue", team_id=1, person_id=1,
                username="person-1", commit_sha=sha, tag=f"refs/tags/submission/{me}-{number}",
                kind="code", manifest={})
    with database.write("team team-1") as connection:
        usage = usage_of(connection, push.challenge, phase, 1, now)
        if not exceeded(usage):
            made = reserve(connection, push, now)
            confirm(connection, made, push.tag, lambda one: {"submission": one.id}, now)
"""
LEASE = """
from blueprint.ledger.leases import acquire
from blueprint.ledger.moves import advance
while (lease := acquire(database, f"worker-{me}", now)) is not None:
    print(lease.submission_id, flush=True)
    for state in ("checked", "canary"):
        advance(database, lease, state, now)
"""
ENDS = """
from datetime import timedelta
from blueprint.errors import ConflictError
from blueprint.ledger.leases import acquire
from blueprint.ledger.moves import AttemptFault, LostLease, fail, request_cancel
from blueprint.ledger.sweeper import release_all, sweep
if me:
    for round_ in range(12):
        release_all(database, "worker-", now)
        sweep(database, lambda one: one.tag, now + timedelta(hours=2), make_receipt=lambda one: {})
        for number in range(1, 13):
            try:
                request_cancel(database, number, "person-1", now) if number % 4 == 0 else None
            except ConflictError:
                pass
else:
    for round_ in range(40):
        lease = acquire(database, "worker-0", now + timedelta(hours=1))
        if lease is not None:
            try:
                fail(database, lease, AttemptFault("platform", "lost", "gone\\0 away"), now)
            except LostLease:
                pass
"""


def both(where: Path | str, script: str) -> list[list[str]]:
    """Run a script in two processes at once and return the lines that each printed."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN + script, str(where), str(me)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for me in (0, 1)
    ]  # fmt: skip
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0], [said[1] for said in ended]
    return [out.split() for out, _ in ended]


def test_the_audit_chain_has_one_order(database: Database, where: Path | str) -> None:
    both(where, AUDIT)

    report = audit.verify(database)
    assert (report.rows, report.problem) == (120, "")


def test_pushes_are_numbered_without_gaps_and_no_limit_is_exceeded(
    database: Database, where: Path | str
) -> None:
    both(where, PUSH)

    pushed = list_submissions(database)
    assert sorted(one.phase for one in pushed) == sorted(f"phase-{n}" for n in range(40))
    assert sorted(one.id for one in pushed) == list(range(1, 41))
    assert audit.verify(database).problem == ""


def test_a_submission_is_leased_to_one_worker(
    database: Database, where: Path | str, enqueue: Callable[..., Submission]
) -> None:
    numbers = [enqueue(team=1 + number % 3).id for number in range(30)]

    first, second = both(where, LEASE)

    assert sorted([int(one) for one in first + second]) == numbers
    assert all(len(attempts_of(database, number)) == 1 for number in numbers)


def test_a_worker_and_a_sweeper_that_end_the_same_submissions_do_not_block_each_other(
    database: Database, where: Path | str, enqueue: Callable[..., Submission], noon: datetime
) -> None:
    for number in range(12):
        enqueue(team=1 + number % 3)

    both(where, ENDS)

    for one in list_submissions(database):
        tries = attempts_of(database, one.id)
        assert [item.number for item in tries] == list(range(1, one.attempt + 1))
        ended = [event for event in events_of(database, one.id) if event.to_state == "failed"]
        assert len(ended) == (one.state == "failed")
    assert audit.verify(database).problem == ""
