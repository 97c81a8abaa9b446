"""The evaluator dies, or the engine does, while a submission runs in a container."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from blueprint.evaluate.containers.engine import DockerEngine
from blueprint.evaluate.engine import Handle, Outcome
from blueprint.evaluate.runner import Worker
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.ledger import history
from blueprint.ledger.submissions import get
from tests.integration.engines.conftest import Site
from tests.integration.evaluation.bench import GOOD, Bench, make_platform
from tests.stack.engine.private_engine import PrivateEngine, wait_until

ROOT = Path(__file__).resolve().parents[3]
GATED = "import os, time\nwhile not os.path.exists('/input/gate'):\n    time.sleep(0.05)\n" + GOOD
PATIENT_S = 240.0
"""How long a container may take to come up on a busy machine."""


@pytest.fixture
def bench(docker: PrivateEngine, tmp_path: Path) -> Iterator[Bench]:
    platform = make_platform(tmp_path, canary=0)
    yield Bench(platform, ProcessSandbox(), Worker("unused"), tmp_path)
    platform.database.close()
    leftover = docker.docker("ps", "-aq").split()
    assert leftover == []


@contextmanager
def worker(folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    argv = [sys.executable, "-m", "tests.stack.engine.mortal_worker", str(folder)]
    with subprocess.Popen(argv, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def state_of(bench: Bench) -> str:
    return get(bench.platform.database, 1).state


def running(docker: PrivateEngine) -> str:
    return docker.docker("ps", "-q", "--filter", "name=-1-1-all")


def kill_while_it_runs(bench: Bench, docker: PrivateEngine) -> None:
    with worker(bench.scratch) as process:
        wait_until(lambda: state_of(bench) == "predicting", "it runs", timeout_s=PATIENT_S)
        wait_until(lambda: running(docker), "its container is up", timeout_s=PATIENT_S)
        process.kill()
        process.wait()
    assert running(docker)


def open_gate(bench: Bench) -> None:
    folder = bench.platform.state.inputs / "tissue" / "public"
    wait_until(folder.is_dir, "the inputs are laid out")
    (folder / "gate").touch()


def finish(bench: Bench) -> None:
    with worker(bench.scratch):
        open_gate(bench)
        wait_until(lambda: state_of(bench) in ("scored", "failed"), "it ends", timeout_s=PATIENT_S)
        runs = bench.platform.state.runs
        wait_until(lambda: not list(runs.iterdir()), "nothing is left", timeout_s=PATIENT_S)


@pytest.mark.parametrize("ended_meanwhile", [False, True])
def test_after_a_kill_of_the_evaluator_a_container_is_adopted_or_collected(
    bench: Bench, docker: PrivateEngine, ended_meanwhile: bool
) -> None:
    bench.push({"predict.py": GATED})
    kill_while_it_runs(bench, docker)
    if ended_meanwhile:
        open_gate(bench)
        wait_until(lambda: not running(docker), "the program ends unseen", timeout_s=PATIENT_S)

    finish(bench)

    found = get(bench.platform.database, 1)
    assert found.state == "scored", found.fault_message
    attempts = history.attempts_of(bench.platform.database, 1)
    assert [attempt.outcome for attempt in attempts] == ["scored"]
    assert {value for value, _ in bench.values(found).values()} == {0.0, 1.0}
    assert "The evaluator was restarted meanwhile; the program ran on." in bench.log(found)


SLEEPS = """
import time
(OUTPUT / "began").touch()
print("began", flush=True)
time.sleep({seconds})
(OUTPUT / "done").touch()
"""


def site_on(docker: PrivateEngine, scratch: Path, *, patience_s: float = 120.0) -> Site:
    made = DockerEngine(hidden=[scratch], address=docker.address, patience_s=patience_s)
    assert made.probe().works, made.probe().advice
    return Site("docker", scratch, made)


def wait_around(site: Site, handle: Handle, disturb: Callable[[], None]) -> Outcome:
    """Wait for a job, and disturb the engine once, as soon as it is looked at."""
    done: list[bool] = []

    def cancelled() -> bool:
        if not done:
            done.append(True)
            disturb()
        return False

    return site.engine.wait(handle, cancelled)


@pytest.fixture
def forgetful(docker: PrivateEngine) -> Iterator[PrivateEngine]:
    """The engine as Docker comes: what runs ends with it."""
    docker.restart(live_restore=False)
    yield docker
    docker.restart(live_restore=True)


def test_with_live_restore_a_run_goes_on_when_the_engine_is_killed(
    docker: PrivateEngine, scratch: Path
) -> None:
    site = site_on(docker, scratch)
    handle = site.engine.start(site.job(SLEEPS.format(seconds=15), time_s=200))

    def restart() -> None:
        docker.kill()
        docker.start()

    outcome = wait_around(site, handle, restart)
    site.engine.remove(handle)

    assert (outcome.ended, outcome.exit_code) == ("exited", 0), outcome.detail
    assert {path.name for path in (scratch / "7-1-all" / "output").iterdir()} == {"began", "done"}


def test_without_live_restore_a_run_that_the_engine_lost_is_its_fault(
    forgetful: PrivateEngine, scratch: Path
) -> None:
    site = site_on(forgetful, scratch)
    assert any("restarted" in line for line in site.engine.probe().weaker)
    handle = site.engine.start(site.job(SLEEPS.format(seconds=300), time_s=400))

    outcome = wait_around(site, handle, lambda: forgetful.restart(live_restore=False))
    site.engine.remove(handle)

    assert outcome.ended == "engine-error", outcome
    assert "engine" in outcome.detail


def test_an_engine_that_stays_away_is_at_fault_and_its_container_is_removed_later(
    docker: PrivateEngine, scratch: Path
) -> None:
    site = site_on(docker, scratch, patience_s=2.0)
    handle = site.engine.start(site.job(SLEEPS.format(seconds=300), time_s=400))

    outcome = wait_around(site, handle, docker.kill)
    site.engine.remove(handle)  # cannot be done now, and says so in the log alone
    docker.start()
    assert docker.docker("ps", "-q")
    (scratch / "7-1-all").rename(scratch / "gone")  # as the attempt's folder is removed
    assert site.engine.find("another") == []

    assert docker.docker("ps", "-aq") == ""
    assert outcome.ended == "engine-error"
    assert "no Docker engine" in outcome.detail


def test_another_platform_leaves_a_container_alone(site: Site, docker: PrivateEngine) -> None:
    handle = site.engine.start(site.job(SLEEPS.format(seconds=300), time_s=400))
    (site.folder / "7-1-all").rename(site.folder / "gone")

    other = DockerEngine(hidden=[site.folder / "elsewhere"])
    assert other.find("another") == []

    assert docker.docker("ps", "-q", "--no-trunc") == handle.id
    (site.folder / "gone").rename(site.folder / "7-1-all")
