"""An evaluation host on "another machine": it sees no database, state folder or project folder."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blueprint.ledger import history
from blueprint.resources import package_folder
from tests.integration.desk.other_machine import Elsewhere, elsewhere
from tests.integration.recovery.conftest import project
from tests.integration.recovery.deployment import Deployment
from tests.integration.recovery.processes import wait_until
from tests.integration.recovery.team import Team

SUBMISSIONS = {
    "threshold": "scaffold/brain_tissue/submissions/threshold",
    "kmeans": "scaffold/brain_tissue/submissions/kmeans",
    "otsu": "demo/submissions/otsu",
    "crash": "demo/submissions/crash",
}
Found = tuple[str, str, frozenset[tuple[str, str, str, float, str]]]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with project(tmp_path_factory.mktemp("elsewhere")) as made:
        made.deploy()
        yield made


@pytest.fixture(scope="module")
def commits(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Work trees of the demo's submissions, each one commit that several teams can push."""
    made = {}
    for name, source in SUBMISSIONS.items():
        work = tmp_path_factory.mktemp(name) / "work"
        shutil.copytree(package_folder() / source, work)
        if name == "otsu":
            make(deployment, work)
        team = Team("", "", 0, 0, "", work)
        for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "one"]):
            assert team.git(*words).returncode == 0
        made[name] = work
    return made


def make(deployment: Deployment, work: Path) -> None:
    """Make predictions at home, as the demo's second team does."""
    images = deployment.folder / "data" / "test-public" / "inputs"
    argv = [sys.executable, "make.py", str(images), str(work / "predictions")]
    subprocess.run(argv, cwd=work, check=True, timeout=60)
    (work / "make.py").unlink()


@pytest.fixture(scope="module")
def in_process(deployment: Deployment, commits: dict[str, Path]) -> dict[str, Found]:
    """What the platform's own evaluator finds."""
    found = evaluate(deployment, commits, "near")
    assert deployment.cli("down").returncode == 0
    return found


@pytest.fixture(scope="module")
def serving(
    deployment: Deployment, in_process: dict[str, Found], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Elsewhere]:
    assert in_process
    with elsewhere(deployment, tmp_path_factory.mktemp("other") / "host") as made:
        made.install()
        made.serve()
        yield made


@pytest.fixture
def host(serving: Elsewhere) -> Iterator[Elsewhere]:
    """An evaluation host on which nothing works yet."""
    yield serving
    if serving.working is not None and serving.working.poll() is None:
        serving.stop_worker(signal.SIGKILL)
    serving.working = None


def evaluate(deployment: Deployment, commits: dict[str, Path], who: str) -> dict[str, Found]:
    """Push every submission as a team of its own and return what became of each."""
    numbers = {}
    for name, work in commits.items():
        team = deployment.team(f"{who}-{name}")
        numbers[name] = Team(**{**vars(team), "work": work}).push()
    for number in numbers.values():
        deployment.wait_state(number, "published", "failed")
    return {name: what_became(deployment, number) for name, number in numbers.items()}


def what_became(deployment: Deployment, number: int) -> Found:
    with deployment.platform() as platform:
        rows = history.scores_of(platform.database, number)
        faults = str(deployment.ask_database(
            "SELECT fault_code || ': ' || fault_message FROM submissions WHERE id = ?", number
        ))  # fmt: skip
    scores = frozenset((row.case_id, row.metric, row.region, row.value, row.flag) for row in rows)
    return str(deployment.state_of(number)), faults, scores


def test_the_demo_is_evaluated_elsewhere_with_the_same_scores(
    host: Elsewhere, deployment: Deployment, commits: dict[str, Path], in_process: dict[str, Found]
) -> None:
    before = set(deployment.listing(deployment.state.root / "predictions"))
    host.start_worker()

    found = evaluate(deployment, commits, "far")

    assert found == in_process, host.log
    states = {name: state for name, (state, _, _) in found.items()}
    assert states == {
        "threshold": "published", "kmeans": "published", "otsu": "published", "crash": "failed",
    }  # fmt: skip
    assert all(found[name][2] for name in ("threshold", "kmeans", "otsu"))
    assert found["crash"][1].startswith("exit-code: Your program ended with exit code 1")
    # Predictions stay on the host's disk; logs come to the platform; no ground truth does.
    assert set(deployment.listing(deployment.state.root / "predictions")) == before
    assert len(list((host.store / "predictions").iterdir())) == 3
    number = max(int(path.stem) for path in deployment.state.logs.glob("*.log"))
    assert "the trial run on 1 case" in (deployment.state.logs / f"{number}.log").read_text()
    assert list((host.store / "runs").iterdir()) == []
    demand_apart(host)


def demand_apart(host: Elsewhere) -> None:
    """See that the worker's process has nothing of the platform's disk."""
    process, folder = host.process, host.deployment.folder
    opened = [str(path.readlink()) for path in Path(f"/proc/{process.pid}/fd").iterdir()]
    assert not [path for path in opened if path.startswith(str(folder))]
    assert str(folder) not in process.argv
    if host.hidden:
        seen = Path(f"/proc/{process.pid}/root{folder}")
        assert list(seen.iterdir()) == []
        assert list(folder.iterdir()) != []


def gated(deployment: Deployment, username: str, gate: str) -> tuple[Team, int]:
    team = deployment.team(username)
    team.commit(gate=gate)
    return team, team.push()


def test_a_killed_worker_begins_anew_and_the_result_is_there_once(
    host: Elsewhere, deployment: Deployment
) -> None:
    team, number = gated(deployment, "kill", "gate-kill")
    host.start_worker()
    deployment.wait_state(number, "canary")
    host.wait_program()
    host.stop_worker(signal.SIGKILL)
    assert deployment.state_of(number) == "canary"

    host.start_worker()
    host.open_gate("gate-kill", trial=True)
    host.open_gate("gate-kill", trial=False)

    deployment.demand_published_once(team, number, ["lost", "scored"])
    assert list((host.store / "runs").iterdir()) == []


def test_a_stopped_worker_gives_its_work_back(host: Elsewhere, deployment: Deployment) -> None:
    team, number = gated(deployment, "stop", "gate-stop")
    host.start_worker()
    deployment.wait_state(number, "canary")

    assert host.stop_worker() == 0

    assert deployment.state_of(number) == "received"
    host.start_worker()
    host.open_gate("gate-stop", trial=True)
    host.open_gate("gate-stop", trial=False)
    deployment.demand_published_once(team, number, ["lost", "scored"])


def test_a_cancellation_reaches_the_other_machine(host: Elsewhere, deployment: Deployment) -> None:
    _, number = gated(deployment, "cancel", "gate-never")
    host.start_worker()
    deployment.wait_state(number, "canary")
    host.wait_program()

    assert deployment.cli("submissions", "cancel", str(number)).returncode == 0

    deployment.wait_state(number, "cancelled")
    wait_until(lambda: not list((host.store / "runs").iterdir()), "the working folder is removed")


def test_a_platform_that_was_killed_finds_the_result_of_before(
    host: Elsewhere, deployment: Deployment
) -> None:
    team, number = gated(deployment, "down", "gate-down")
    host.start_worker()
    deployment.wait_state(number, "canary")
    host.open_gate("gate-down", trial=True)
    deployment.wait_state(number, "predicting")

    host.stop_serving(signal.SIGKILL)
    host.open_gate("gate-down", trial=False)
    host.serve()

    deployment.demand_published_once(team, number, ["scored"])


def test_a_worker_that_is_not_known_ends_with_what_to_do(
    host: Elsewhere, deployment: Deployment
) -> None:
    assert deployment.cli("evaluators", "remove", "gpu-1").returncode == 0

    host.start_worker()

    assert host.working is not None
    assert host.working.wait(30) == 2
    assert "the platform does not know this worker" in host.log
    assert "Traceback" not in host.log
