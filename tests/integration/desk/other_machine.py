"""A platform with its runner API, and an evaluation host that sees nothing of its disk."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from blueprint.serve.sockets import listen_tcp
from tests.integration.recovery.commands import ROOT
from tests.integration.recovery.deployment import Deployment
from tests.integration.recovery.processes import PATIENCE_S, Process, descendants, wait_until
from tests.integration.recovery.team import moment_of

HIDE = 'for folder in $HIDDEN; do mount -t tmpfs none "$folder"; done; exec "$@"'
"""In a mount namespace of its own, puts nothing in the place of the platform's folders."""


def can_hide() -> bool:
    done = subprocess.run(
        ["unshare", "--mount", "true"], capture_output=True, check=False, timeout=20
    )
    return done.returncode == 0


@dataclass
class Elsewhere:
    """An evaluation host: its own folder with a store and certificates, and nothing else."""

    deployment: Deployment
    root: Path
    port: int
    name: str = "gpu-1"
    serving: "subprocess.Popen[bytes] | None" = None
    working: "subprocess.Popen[bytes] | None" = None
    hidden: tuple[Path, ...] = field(default_factory=tuple)

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def log(self) -> str:
        return (self.root / "worker.log").read_text("utf-8", "replace")

    @property
    def process(self) -> Process:
        """The worker itself, behind what hides the platform from it."""
        assert self.working is not None
        found = Process.read(self.working.pid)
        assert found is not None
        return found

    def install(self) -> None:
        """Bring the test data and the certificates here, as an admin would."""
        data = self.deployment.folder / "data"
        for split in ("public", "private"):
            target = self.store / "cases" / "tissue" / split
            shutil.copytree(data / f"test-{split}", target)
        made = self.deployment.cli(
            "evaluators", "add", self.name, "--into", str(self.root / "certificates")
        )
        assert made.returncode == 0, made.stderr

    def serve(self, *, from_state: bool = True) -> None:
        """Run the platform in front, with its runner API.

        Args:
            from_state: As it was deployed; else as challenge.yaml says now.
        """
        runner = f"127.0.0.1:{self.port}"
        argv = [sys.executable, "-P", "-m", "cli", "serve", "--runner", runner]
        argv += ["--state", str(self.deployment.state.root)] if from_state else []
        variables = {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.deployment.temp)}
        with (self.root / "platform.log").open("ab") as log:
            self.serving = subprocess.Popen(
                argv, cwd=self.deployment.folder, env={**os.environ, **variables}, stderr=log
            )
        wait_until(self._answers, "the platform answers evaluation hosts")

    def stop_serving(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.serving is not None
        self.serving.send_signal(number)
        self.serving.wait(30)
        self.serving = None

    def start_worker(self) -> None:
        argv = [sys.executable, "-P", "-m", "cli", "work", "--desk",
                f"https://127.0.0.1:{self.port}", "--certificates", str(self.root / "certificates"),
                "--store", str(self.store)]  # fmt: skip
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(self.root)}
        if self.hidden:
            argv = ["unshare", "--mount", "--", "sh", "-ec", HIDE, "sh", *argv]
            environment["HIDDEN"] = " ".join(map(str, self.hidden))
        with (self.root / "worker.log").open("ab") as log:
            self.working = subprocess.Popen(argv, cwd=self.root, env=environment, stderr=log)

    def stop_worker(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.working is not None
        started = descendants(self.working.pid)
        self.working.send_signal(number)
        code = self.working.wait(30)
        self.working = None
        wait_until(lambda: not any(one.is_alive for one in started), "what it started ends")
        return code

    def open_gate(self, gate: str, *, trial: bool) -> None:
        """Let the programs behind a gate go on, which look at their list of cases."""
        folder = self.store / "inputs" / "tissue" / ("public-trial-1" if trial else "public")
        wait_until(folder.is_dir, "the inputs are laid out")
        os.utime(folder / "cases.json", (moment_of(gate), moment_of(gate)))

    def wait_program(self) -> None:
        wait_until(
            lambda: any("predict.py" in one.argv for one in descendants(self.process.pid)),
            "the program runs on the other machine",
        )

    def _answers(self) -> bool:
        assert self.serving is not None
        assert self.serving.poll() is None, (self.root / "platform.log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@contextlib.contextmanager
def elsewhere(
    deployment: Deployment, root: Path, *, name: str = "gpu-1", port: int | None = None
) -> Iterator[Elsewhere]:
    """Give a host; with a port, one more of the platform that another one serves there."""
    root.mkdir()
    if port is None:
        with listen_tcp("127.0.0.1", 0) as probe:
            port = int(probe.getsockname()[1])
    made = Elsewhere(deployment, root, port, name)
    if can_hide():
        made.hidden = (deployment.folder,)
    try:
        yield made
    finally:
        for process in (made.working, made.serving):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait(PATIENCE_S)
