"""Every engine that this machine can have, behind one fixture."""

import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from blueprint.evaluate.containers.engine import DockerEngine
from blueprint.evaluate.engine import Engine, Job, Limits
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from tests.integration.engines.detached import DetachedProcesses

ENGINES = ("process", "detached")
_PROBED: dict[str, Any] = {}


def make_engine(name: str, folder: Path) -> Engine:
    """Make an engine as after a restart: it knows what lies in `folder`, and nothing else."""
    if name == "docker":
        engine = DockerEngine(hidden=[folder])
        engine._probed = _PROBED.get(name)  # each trial run is a container more
        engine.probe()
        _PROBED[name] = engine._probed
        return engine
    return ProcessSandbox() if name == "process" else DetachedProcesses(folder / "jobs")


@dataclass
class Site:
    """An engine, and folders for a job."""

    kind: str
    folder: Path
    engine: Engine
    marker: str = field(default_factory=lambda: f"marker-{uuid.uuid4().hex}")

    def job(
        self, program: str, *, name: str = "7-1-all", time_s: float = 30, **more: object
    ) -> Job:
        """Write a program down and return the job that runs it."""
        start = (
            "import os, pathlib\n"
            "INPUT = pathlib.Path(os.environ.get('INPUT', '/input'))\n"
            "OUTPUT = pathlib.Path(os.environ.get('OUTPUT', '/output'))\n"
            f"marker = {self.marker!r}\n"
        )
        place = self.folder / name
        for part in ("code", "input", "output"):
            (place / part).mkdir(parents=True)
            (place / part).chmod(0o755)
        (place / "code" / "program.py").write_text(start + program)
        (place / "input" / "case.txt").write_text("scan")
        return Job(
            name=name,
            argv=("python", "program.py"),
            code=place / "code",
            inputs=place / "input",
            output=place / "output",
            limits=Limits(1, 256, time_s, 8),
            nonce="0123456789abcdef",
            environment={"DIYCHALLENGE_SEED": "7"},
            **more,  # type: ignore[arg-type]
        )

    def survivors(self) -> list[int]:
        """Return the processes anywhere on this machine that carry the marker."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if self.marker.encode() in path.read_bytes():
                    found.append(int(path.parent.name))
        return found


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="dc-engine-"))  # where any user of a sandbox may look
    folder.chmod(0o755)
    engine = make_engine(request.param, folder)
    if not engine.probe().works:
        pytest.skip(f"no sandbox on this machine: {engine.probe().advice}")
    yield Site(request.param, folder, engine)
    for handle in engine.find("0123456789abcdef"):
        engine.remove(handle)
    shutil.rmtree(folder)
