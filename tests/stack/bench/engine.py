"""A Docker engine of the bench's own: started by the first that needs it, ended by the last.

Stand-in images lie in it under the names of production images, so it is never an engine that
somebody works with.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from blueprint.adapters import process
from tests.stack.bench import cache, progress
from tests.stack.bench.commands import last_lines, run
from tests.stack.bench.errors import BenchError
from tests.stack.bench.packages import ensure_programs

LABEL = "diychallenge.bench"
_PATIENCE_S = 600.0
_PAUSE_S = 0.2
_STARTED: list[process.Child] = []
"""Held, as Python warns of one that it forgets while it runs; it may outlive this process."""


@dataclass(frozen=True)
class Engine:
    """Where an engine of the bench lies and answers; one for each cache folder."""

    key: str
    """In the names of everything that it makes on this machine."""
    data: Path
    state: Path
    """Socket, pid and locks: a short path, gone with the next start of the machine."""
    gateway: str
    """The machine's own address as its containers see it."""
    network: str
    pool: str

    @property
    def bridge(self) -> str:
        """The bridge that its containers are on by default."""
        return f"dcb{self.key}"

    @property
    def address(self) -> str:
        """What DOCKER_HOST has to be."""
        return f"unix://{self.state}/docker.sock"

    def docker(self, *words: str | Path, stdin: bytes | None = None) -> str:
        """Run the client on this engine and return what it says."""
        return run(
            ["docker", "--host", self.address, *words],
            stdin=stdin,
            env={"DOCKER_BUILDKIT": "0", "BUILDKIT_PROGRESS": "plain"},
        )

    def has_image(self, reference: str) -> bool:
        """Say whether an image lies in this engine."""
        return bool(self.docker("image", "ls", "--quiet", reference).strip())

    def remove_containers(self, *, of: str) -> None:
        """Remove every container with this value of our label, and their unnamed volumes."""
        found = self.docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}={of}").split()
        if found:
            self.docker("rm", "--force", "--volumes", *found)

    def remove_volumes(self, *, of: str) -> None:
        """Remove every volume with this value of our label."""
        kind = f"label={LABEL}={of}"
        for name in self.docker("volume", "ls", "--quiet", "--filter", kind).split():
            self.docker("volume", "rm", "--force", name)


def the_engine() -> Engine:
    """Return the engine that belongs to this cache folder, running or not."""
    digest = hashlib.sha256(str(cache.CACHE).encode()).digest()
    third, key = 1 + digest[0] % 250, digest.hex()[:8]
    return Engine(
        key=key,
        data=cache.CACHE / "engine",
        state=Path("/run/diychallenge-bench") / key,
        gateway=f"10.231.{third}.1",
        network=f"10.231.{third}.0/24",
        pool=f"10.232.{third}.0/24",
    )


@contextmanager
def run_engine() -> Iterator[Engine]:
    """Use the engine inside the block; it runs as long as any process does.

    A killed process lets go of it like one that ended. What such a process left running is found
    by the next one, which goes on with the same engine and removes the containers.
    """
    ensure_programs(dockerd="docker.io", docker="docker.io", ip="iproute2", iptables="iptables")
    engine, turn = the_engine(), f"engine-{the_engine().key}"
    with contextlib.ExitStack() as open_files:
        with cache.locked(turn):
            engine.state.mkdir(parents=True, exist_ok=True, mode=0o711)
            users = open_files.enter_context((engine.state / "users").open("w"))
            is_first = _lock(users, fcntl.LOCK_EX)
            _ensure_started(engine)
            if is_first:
                _remove_what_was_left(engine)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield engine
        finally:
            with cache.locked(turn):
                fcntl.flock(users, fcntl.LOCK_UN)
                if _lock(users, fcntl.LOCK_EX):
                    stop(engine)
                    shutil.rmtree(engine.state, ignore_errors=True)


def stop(engine: Engine) -> None:
    """End the engine with everything in it that runs; idempotent."""
    # containerd is dockerd's own, and outlives it only when that is killed.
    for pid_file in (_pid_file(engine), engine.state / "exec" / "containerd" / "containerd.pid"):
        pid = _pid(engine, pid_file)
        if pid is not None:
            with progress.step("stopping the bench's Docker engine"):
                os.kill(pid, signal.SIGTERM)
                _wait_until_gone(pid)
        pid_file.unlink(missing_ok=True)
    _unmount_below(engine.data, engine.state)
    if Path(f"/sys/class/net/{engine.bridge}").exists():
        run(["ip", "link", "delete", engine.bridge])


def _ensure_started(engine: Engine) -> None:
    if _pid(engine, _pid_file(engine)) is not None and _is_answering(engine):
        return
    stop(engine)  # what a killed run left half-way
    engine.data.mkdir(parents=True, exist_ok=True)
    (engine.state / "daemon.json").write_text("{}")  # not the machine's own
    run(["ip", "link", "add", engine.bridge, "type", "bridge"])
    run(["ip", "address", "add", f"{engine.gateway}/24", "dev", engine.bridge])
    run(["ip", "link", "set", engine.bridge, "up"])
    log = cache.CACHE / "logs" / "dockerd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with progress.step("starting the bench's Docker engine"), log.open("wb") as output:
        child = process.start(
            ["dockerd", "--config-file", f"{engine.state}/daemon.json",
             "--data-root", str(engine.data), "--exec-root", f"{engine.state}/exec",
             "--host", engine.address, "--pidfile", f"{engine.state}/docker.pid",
             "--bridge", engine.bridge, "--default-address-pool", f"base={engine.pool},size=28"],
            env=dict(os.environ), stdout=output, stderr=output,
        )  # fmt: skip
        _STARTED.append(child)
        until = time.monotonic() + _PATIENCE_S
        while not _is_answering(engine):
            if child.poll() is not None or time.monotonic() > until:
                said = last_lines(log.read_text("utf-8", "replace"))
                raise BenchError(f"dockerd does not start:\n{said}")
            time.sleep(_PAUSE_S)


def _remove_what_was_left(engine: Engine) -> None:
    kind = f"label={LABEL}"
    left = engine.docker("ps", "--all", "--quiet", "--filter", kind).split()
    if left:
        engine.docker("rm", "--force", "--volumes", *left)
    volumes = engine.docker("volume", "ls", "--quiet", "--filter", kind).split()
    if volumes:
        engine.docker("volume", "rm", "--force", *volumes)


def _unmount_below(*folders: Path) -> None:
    """Unmount what a killed engine left in its folders, the deepest first."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    places = [Path(line.split()[1].encode().decode("unicode_escape")) for line in mounts]
    for place in reversed(places):  # the last one lies on top
        if any(place.is_relative_to(folder) for folder in folders):
            run(["umount", "--lazy", place])


def _pid_file(engine: Engine) -> Path:
    return engine.state / "docker.pid"


def _pid(engine: Engine, pid_file: Path) -> int | None:
    """Return the process in a pid file, if it is one that names our own folders."""
    try:
        pid = int(pid_file.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if str(engine.state) in command else None


def _is_answering(engine: Engine) -> bool:
    try:
        engine.docker("version", "--format", "{{.Server.Version}}")
    except BenchError:
        return False
    return True


def _wait_until_gone(pid: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    while _is_alive(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
        time.sleep(_PAUSE_S)


def _is_alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and was not waited for does not."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # where it is our own child
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove_engine(engine: Engine) -> None:
    """Remove a stopped engine with all of its images."""
    shutil.rmtree(engine.state, ignore_errors=True)
    run(["rm", "--recursive", "--force", engine.data])
