"""A platform that is killed again and again loses nothing and records nothing twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.ledger.history import attempts_of, scores_of
from blueprint.ledger.submissions import Submission, list_submissions

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from blueprint.database.opening import open_database
from blueprint.ledger.history import Mean, ScoreRow
from blueprint.ledger.leases import acquire
from blueprint.ledger.moves import Result, advance, mark_published, record_result
from blueprint.ledger.sweeper import release_all, sweep

now = datetime(2027, 6, 15, 12, tzinfo=UTC)
database = open_database(sys.argv[1])
release_all(database, "here-", now)
found = sweep(database, lambda one: one.tag, now, make_receipt=lambda one: {"submission": one.id})
mark_published(database, found.unpublished, now)
print("ready", flush=True)
while (lease := acquire(database, "here-1", now)) is not None:
    for state in ("checked", "canary", "predicting", "predicted", "scoring"):
        advance(database, lease, state, now)
    rows = [ScoreRow(f"case-{n:02}", "dice", "mean", 0.5, "ok") for n in range(8)]
    record_result(database, lease, Result(1.0, 1.0, rows, [Mean("dice", "mean", 0.5)]), now)
    mark_published(database, [lease.submission_id], now)
"""


def test_kill_minus_9_between_any_two_commits_loses_and_doubles_nothing(
    database: Database, enqueue: Callable[..., Submission], noon: datetime, where: Path | str
) -> None:
    for number in range(12):
        enqueue(team=1 + number % 3)

    for round_ in range(12):
        worker = start(where)
        time.sleep(0.01 + 0.02 * round_)  # each time a bit further, so at ever other places
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=20)
        if worker.stdout:
            worker.stdout.close()
        if all(one.state == "published" for one in list_submissions(database)):
            break
    last = start(where)
    assert last.wait(timeout=60) == 0
    if last.stdout:
        last.stdout.close()

    ended = list_submissions(database)
    assert [one.state for one in ended] == ["published"] * 12
    assert [len(scores_of(database, one.id)) for one in ended] == [8] * 12
    for one in ended:
        outcomes = [item.outcome for item in attempts_of(database, one.id)]
        assert outcomes == ["lost"] * (one.attempt - 1) + ["scored"]
    assert any(one.attempt > 1 for one in ended), "no kill came in between: raise the number"
    assert audit.verify(database).problem == ""


def start(database: Path | str) -> "subprocess.Popen[str]":
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(database)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker
