"""Attempts that end otherwise: faults of the platform, a cancel, a stop, a lost lease."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from blueprint.database.schema import submissions
from blueprint.evaluate.engine import Handle, Job, Outcome, Probe, engine_error
from blueprint.ledger import history, moves
from blueprint.ledger.submissions import get
from tests.integration.evaluation.bench import GOOD, NOW, Bench


class BrokenEngine:
    """An engine that never works: a fake at the port."""

    name = "process"

    def probe(self) -> Probe:
        return Probe(True, "", "", (), (), "")

    def start(self, job: Job) -> Handle:
        return Handle(job.name, job.nonce, str(job.inputs))

    def wait(self, handle: Handle, cancelled: Callable[[], bool]) -> Outcome:  # noqa: ARG002
        return engine_error(f"no {handle.id}")

    def find(self, nonce: str) -> list[Handle]:  # noqa: ARG002
        return []

    def remove(self, handle: Handle) -> None:
        """Nothing is left."""


def test_a_fault_of_the_platform_is_tried_again_and_then_refunded(bench: Bench) -> None:
    number = bench.push({"predict.py": GOOD})
    moments = iter(NOW + timedelta(hours=n) for n in range(1000))
    platform = replace(bench.platform, clock=lambda: next(moments))

    tries = 0
    while bench.run_next(BrokenEngine(), platform):
        tries += 1

    found = get(platform.database, number)
    assert tries == 4
    assert (found.state, found.fault_class, found.refunded) == ("failed", "platform", True)
    assert str(platform.state.root) not in str(found.fault_message)


def test_a_fault_of_the_platform_that_passes_costs_nothing(bench: Bench) -> None:
    number = bench.push({"predict.py": GOOD})
    moments = iter(NOW + timedelta(hours=n) for n in range(1000))
    platform = replace(bench.platform, clock=lambda: next(moments))

    bench.run_next(BrokenEngine(), platform)
    bench.run_next(platform=platform)

    assert get(platform.database, number).state == "scored"
    attempts = history.attempts_of(platform.database, number)
    assert [attempt.outcome for attempt in attempts] == ["retried", "scored"]


def run_in_a_thread(bench: Bench) -> threading.Thread:
    thread = threading.Thread(target=bench.run_next)
    thread.start()
    return thread


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_running_submission_can_be_cancelled(bench: Bench) -> None:
    number = bench.push({"predict.py": "import time\ntime.sleep(600)"})
    thread = run_in_a_thread(bench)
    wait_until(lambda: get(bench.platform.database, number).state == "canary")

    moves.request_cancel(bench.platform.database, number, "organizer", NOW)

    thread.join(timeout=30)
    assert not thread.is_alive()
    assert get(bench.platform.database, number).state == "cancelled"
    assert not list(bench.platform.state.runs.iterdir())


def test_when_the_platform_stops_the_attempt_is_left_for_the_next_start(bench: Bench) -> None:
    number = bench.push({"predict.py": "import time\ntime.sleep(600)"})
    thread = run_in_a_thread(bench)
    wait_until(lambda: get(bench.platform.database, number).state == "canary")

    bench.worker.stopping.set()

    thread.join(timeout=30)
    assert not thread.is_alive()
    found = get(bench.platform.database, number)
    assert (found.state, found.fault_class, found.worker) == ("canary", None, "w1")
    assert not bench.run_next()


def test_a_worker_that_lost_its_lease_changes_nothing(bench: Bench) -> None:
    number = bench.push({"predict.py": "import time\ntime.sleep(600)"})
    thread = run_in_a_thread(bench)
    wait_until(lambda: get(bench.platform.database, number).state == "canary")

    with bench.platform.database.write() as connection:  # as another worker's lease does
        row = submissions.c.id == number
        connection.execute(update(submissions).where(row).values(token=99, worker="w2"))

    thread.join(timeout=30)
    assert not thread.is_alive()
    found = get(bench.platform.database, number)
    assert (found.state, found.token, found.worker, found.fault_class) == ("canary", 99, "w2", None)


def test_what_a_killed_attempt_left_behind_is_cleared_and_scored_once(bench: Bench) -> None:
    number = bench.push({"predict.py": GOOD})
    for left in (bench.platform.state.runs, bench.platform.state.predictions):
        (left / str(number) / "1" / "code").mkdir(parents=True)
        (left / str(number) / "1" / "code" / "half.nii.gz").write_bytes(b"half")

    assert bench.run_next()

    assert get(bench.platform.database, number).state == "scored"
    assert not list(bench.platform.state.predictions.rglob("half.nii.gz"))
    assert not bench.run_next()
