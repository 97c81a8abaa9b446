"""An evaluator dies while its engine's jobs run on: they are adopted, collected, or taken away."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import update

from blueprint.database.schema import submissions
from blueprint.evaluate.runner import Worker
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.ledger import history
from blueprint.ledger.submissions import get
from tests.integration.engines.detached import DetachedProcesses
from tests.integration.evaluation.bench import GOOD, Bench, make_platform
from tests.integration.recovery.processes import all_processes, wait_until

ROOT = Path(__file__).resolve().parents[3]
GATED = (
    "import os, time\n"
    "while not os.path.exists(os.environ['INPUT'] + '/gate'):\n"
    "    time.sleep(0.02)\n"
) + GOOD.replace('"/input/"', "os.environ['INPUT'] + '/'").replace(
    '"/input/cases.json"', "os.environ['INPUT'] + '/cases.json'"
).replace('pathlib.Path("/output", case["id"])', "pathlib.Path(os.environ['OUTPUT'], case['id'])")


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(canary: int) -> Bench:
        platform = make_platform(tmp_path, canary=canary)
        made.append(Bench(platform, ProcessSandbox(), Worker("unused"), tmp_path))
        return made[-1]

    yield make
    engine = DetachedProcesses(tmp_path / "jobs")
    for bench in made:
        for attempt in history.attempts_of(bench.platform.database, 1):
            for handle in engine.find(attempt.nonce):
                engine.remove(handle)
        bench.platform.database.close()


@contextmanager
def worker(folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    argv = [sys.executable, "-m", "tests.integration.engines.mortal_worker", str(folder)]
    with subprocess.Popen(argv, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def state_of(bench: Bench) -> str:
    return get(bench.platform.database, 1).state


def is_running(folder: Path) -> bool:
    """Tell whether a program of this folder's jobs runs."""
    wanted = f"supervisor.py {folder / 'jobs'}"
    return any(wanted in one.argv for one in all_processes())


def open_gate(bench: Bench, *, trial: bool) -> None:
    folder = bench.platform.state.inputs / "tissue" / ("public-trial-1" if trial else "public")
    wait_until(folder.is_dir, "the inputs are laid out")
    (folder / "gate").touch()


def kill_in(bench: Bench, state: str) -> None:
    """Have a worker begin, and kill it while the program runs in this state."""
    with worker(bench.scratch) as process:
        wait_until(lambda: state_of(bench) == state, f"it comes to {state}")
        wait_until(lambda: is_running(bench.scratch), "its program runs")
        process.kill()
        process.wait()
    assert is_running(bench.scratch)


@pytest.mark.parametrize(("state", "canary"), [("canary", 1), ("predicting", 0)])
def test_a_program_that_still_runs_is_adopted_as_the_same_attempt(
    make_bench: Callable[..., Bench], state: str, canary: int
) -> None:
    bench = make_bench(canary)
    bench.push({"predict.py": GATED})
    kill_in(bench, state)

    with worker(bench.scratch):
        if canary:
            open_gate(bench, trial=True)
        open_gate(bench, trial=False)
        wait_until(lambda: state_of(bench) in ("scored", "failed"), "it ends")
        wait_until(lambda: not list(bench.platform.state.runs.iterdir()), "nothing is left")

    found = get(bench.platform.database, 1)
    assert found.state == "scored", found.fault_message
    attempts = history.attempts_of(bench.platform.database, 1)
    assert [attempt.outcome for attempt in attempts] == ["scored"]
    assert {value for value, _ in bench.values(found).values()} == {0.0, 1.0}
    assert "The evaluator was restarted meanwhile; the program ran on." in bench.log(found)
    states = ["checked", "canary", "predicting", "predicted", "scoring", "scored"]
    assert bench.states(found) == [one for one in states if canary or one != "canary"]


def test_a_program_that_ended_meanwhile_is_collected(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(0)
    bench.push({"predict.py": GATED})
    kill_in(bench, "predicting")
    open_gate(bench, trial=False)
    wait_until(lambda: not is_running(bench.scratch), "the program ends, and nobody looks")

    with worker(bench.scratch):
        wait_until(lambda: state_of(bench) in ("scored", "failed"), "it ends")

    assert state_of(bench) == "scored"
    assert len(history.attempts_of(bench.platform.database, 1)) == 1


def test_a_program_whose_submission_was_given_to_another_is_ended(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(0)
    bench.push({"predict.py": GATED})
    kill_in(bench, "predicting")
    with bench.platform.database.write() as connection:  # as a lease that ran out does
        connection.execute(update(submissions).values(token=99, worker="gpu-2"))

    with worker(bench.scratch):
        wait_until(lambda: not is_running(bench.scratch), "the program is ended")
        wait_until(lambda: not list(bench.platform.state.runs.iterdir()), "nothing is left")

    found = get(bench.platform.database, 1)
    assert (found.state, found.token, found.worker) == ("predicting", 99, "gpu-2")
    assert not list((bench.scratch / "jobs").iterdir())
