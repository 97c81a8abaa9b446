"""An arena: one account and one layer of the sandbox, in which a program can be let loose."""

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from blueprint.evaluate.sandbox.launcher import kernel, landlock

DRIVER = Path(__file__).with_name("driver.py")
CHECKOUT = Path(__file__).resolve().parents[3]
NOBODY = 65534
MINE = os.geteuid()
LIMITS = {
    "cpus": 1, "memory_mib": 512, "time_s": 20, "output_mib": 8, "tmp_mib": 8, "files": 100,
    "processes": 64,
}  # fmt: skip

# Root is tested as itself and as a normal user; a normal user only as itself.
ACCOUNTS = {"root": 0, "nobody": NOBODY} if MINE == 0 else {"user": MINE}
ARENAS = [(name, layer) for name in ACCOUNTS for layer in ("namespaces", "landlock")]


@functools.cache
def can_unshare(flags: int) -> bool:
    """Say whether this account may make such namespaces here (in some containers none may)."""
    program = f"import ctypes; raise SystemExit(ctypes.CDLL(None).unshare({flags}) != 0)"
    return subprocess.run([sys.executable, "-I", "-c", program], check=False).returncode == 0


def skip_what_is_switched_off(user: int, layer: str) -> None:
    of_user = 0 if MINE == 0 else kernel.NEW_USER
    if user != MINE and not can_unshare(kernel.NEW_NS):
        pytest.skip("root may not mount here, so it cannot play a normal user")
    if layer == "namespaces" and not can_unshare(of_user | kernel.NEW_NS | kernel.NEW_PID):
        pytest.skip("namespaces are switched off on this machine")
    if layer == "landlock" and landlock.abi() == 0:
        pytest.skip("this kernel has no Landlock")


@dataclass
class Ended:
    """How a program ended, and what is where its outputs are copied."""

    outcome: dict[str, Any]
    output: Path

    def __getattr__(self, name: str) -> Any:
        return self.outcome[name]

    @property
    def said(self) -> Any:
        """The last line that it printed, as JSON."""
        assert self.outcome["log"], self.outcome
        return json.loads(self.outcome["log"].strip().rpartition("\n")[2])

    @property
    def files(self) -> set[str]:
        paths = self.output.rglob("*")
        return {str(path.relative_to(self.output)) for path in paths if not path.is_dir()}


@dataclass
class Arena:
    user: int
    layer: str
    folder: Path
    checkout: Path = CHECKOUT
    marker: str = field(default_factory=lambda: f"marker-{uuid.uuid4().hex}")

    @property
    def is_namespaced(self) -> bool:
        return self.layer.startswith("namespaces")

    @property
    def canary(self) -> Path:
        """A file outside that belongs to the very account that runs the platform."""
        return self.folder / "canary.txt"

    def write(self, program: str, **texts: str) -> None:
        """Put the program into place, with a `canary` and a `marker` that it may use."""
        start = f"canary = {str(self.canary)!r}\nmarker = {self.marker!r}\n"
        (self.folder / "code" / "program.py").write_text(start + textwrap.dedent(program))
        for name, text in texts.items():
            (self.folder / "input" / name).write_text(text)
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, self.user, self.user)

    def argv(
        self,
        *,
        argv: list[str] | None = None,
        hidden: list[Path] | None = None,
        missing: list[str] | None = None,
        **limits: Any,
    ) -> list[str]:
        """Return the command that starts the driver; `missing` names calls to switch off."""
        order = {
            "user": self.user,
            "layer": self.layer,
            "folder": str(self.folder),
            "checkout": str(self.checkout),
            "argv": argv or ["python", "program.py"],
            "limits": {**LIMITS, **limits},
            "missing": missing or [],
            "hidden": [str(path) for path in hidden or []],
        }
        return [sys.executable, str(DRIVER), json.dumps(order)]

    def run(self, program: str, **settings: Any) -> Ended:
        """Run a program of this source to its end."""
        self.write(program, **settings.pop("texts", {}))
        done = subprocess.run(
            self.argv(**settings), capture_output=True, timeout=60, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr.decode()
        outcome = json.loads(done.stdout)
        assert outcome["ended"] != "engine-error", outcome["detail"]
        return Ended(outcome, self.folder / "output")

    def survivors(self) -> list[int]:
        """Return the processes anywhere on this machine that carry the marker."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if self.marker.encode() in path.read_bytes():
                    found.append(int(path.parent.name))
        return found


@pytest.fixture
def make_arena() -> Iterator[Any]:
    """Make arenas whose folders any account can be given, outside pytest's private ones."""
    made: list[Path] = []

    def make(account: str, layer: str) -> Arena:
        skip_what_is_switched_off(ACCOUNTS[account], layer)
        folder = Path(tempfile.mkdtemp(prefix="diychallenge-test-"))
        made.append(folder)
        for name in ("code", "input", "output"):
            (folder / name).mkdir()
        (folder / "canary.txt").write_text("the ground truth")
        user = ACCOUNTS[account]
        if layer == "namespaces":
            layer = "namespaces-root" if user == 0 else "namespaces-user"
        return Arena(user, layer, folder)

    yield make
    for folder in made:
        shutil.rmtree(folder)


@pytest.fixture(params=ARENAS, ids=["-".join(names) for names in ARENAS])
def arena(request: pytest.FixtureRequest, make_arena: Any) -> Arena:
    """Every account in every layer."""
    made: Arena = make_arena(*request.param)
    return made


@pytest.fixture(params=list(ACCOUNTS))
def walled_arena(request: pytest.FixtureRequest, make_arena: Any) -> Arena:
    """Every account behind namespaces."""
    made: Arena = make_arena(request.param, "namespaces")
    return made
