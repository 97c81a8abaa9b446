"""The Docker engine behind the fixtures of the process sandbox's tests: they run on it too."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from blueprint.evaluate.containers.engine import DockerEngine
from blueprint.evaluate.engine import Job, Limits, run_to_end
from tests.integration.engines.conftest import Site, make_engine
from tests.integration.sandbox.conftest import LIMITS, Arena, Ended
from tests.stack.engine.private_engine import PrivateEngine, private_engine

NONCE = "0123456789abcdef"


@pytest.fixture(scope="session")
def docker() -> Iterator[PrivateEngine]:
    """A Docker engine of our own, named by DOCKER_HOST as an admin would."""
    with private_engine("plain") as engine, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", engine.address)
        yield engine


@pytest.fixture
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dc-engine-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def site(docker: PrivateEngine, scratch: Path) -> Iterator[Site]:
    engine = make_engine("docker", scratch)
    assert engine.probe().works, engine.probe().advice
    yield Site("docker", scratch, engine)
    for handle in engine.find(NONCE):
        engine.remove(handle)
    assert docker.docker("ps", "-aq") == ""
    assert docker.docker("volume", "ls", "-q") == ""
    assert str(scratch) not in Path("/proc/self/mountinfo").read_text()


@dataclass
class ContainerArena(Arena):
    """An arena whose programs run in containers; the tests cannot tell."""

    engine: DockerEngine | None = None

    def run(self, program: str, **settings: Any) -> Ended:
        self.write(program, **settings.pop("texts", {}))
        argv = settings.pop("argv", None) or ["python", "program.py"]
        more = {name: settings.pop(name) for name in ("image", "gpus") if name in settings}
        job = Job(
            name="1-1-all", argv=tuple(argv), code=self.folder / "code",
            inputs=self.folder / "input", output=self.folder / "output",
            limits=Limits(**{**LIMITS, **settings}), nonce=NONCE,
            environment={"DIYCHALLENGE_SEED": "7"}, **more,
        )  # fmt: skip
        assert self.engine is not None
        outcome = asdict(run_to_end(self.engine, job, cancelled=lambda: False))
        assert outcome["ended"] != "engine-error", outcome["detail"]
        return Ended({**outcome, "log": outcome["log"].decode("utf-8", "replace")}, job.output)


@pytest.fixture(scope="session")
def hardened(docker: PrivateEngine) -> DockerEngine:
    """The engine with mounts of ours, probed once."""
    engine = DockerEngine()
    assert engine.probe().works, engine.probe().advice
    assert engine.probe().weaker == ()
    return engine


@pytest.fixture(scope="session")
def plain(docker: PrivateEngine) -> DockerEngine:
    """The engine as an account has it that may not mount."""
    engine = DockerEngine(may_mount=False)
    assert engine.probe().works, engine.probe().advice
    assert engine.probe().weaker
    return engine


def _arena(scratch: Path, engine: DockerEngine) -> ContainerArena:
    for name in ("code", "input", "output"):
        (scratch / name).mkdir()
    (scratch / "canary.txt").write_text("the ground truth")
    return ContainerArena(0, "namespaces-root", scratch, engine=engine)


@pytest.fixture(params=["hardened", "plain"])
def arena(request: pytest.FixtureRequest, scratch: Path) -> ContainerArena:
    return _arena(scratch, request.getfixturevalue(request.param))


@pytest.fixture
def walled_arena(scratch: Path, hardened: DockerEngine) -> ContainerArena:
    return _arena(scratch, hardened)
