"""A Docker engine of the tests' own: it can be killed and disturbs no other on this machine."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

BRIDGE, ADDRESS = "dctest0", "10.231.78.1/24"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "diychallenge-bench"


class PrivateEngine:
    """A dockerd with its own data, sockets and bridge, without a rule in the firewall."""

    def __init__(self, data: Path, run: Path, *, live_restore: bool) -> None:
        self.data, self.run = data, run
        self.address = f"unix://{run}/docker.sock"
        self._live_restore = live_restore
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.run.joinpath("pid").unlink(missing_ok=True)
        (self.run / "daemon.json").write_text(json.dumps({"live-restore": self._live_restore}))
        argv = [
            "setpriv", "--pdeathsig", "TERM",  # else it would outlive tests that are killed
            "dockerd", "--config-file", f"{self.run}/daemon.json", "--data-root", str(self.data),
            "--exec-root", f"{self.run}/exec", "-H", self.address, "--pidfile", f"{self.run}/pid",
            "--bridge", BRIDGE, "--iptables=false", "--ip-masq=false", "--ip-forward=false",
        ]  # fmt: skip
        with (self.run / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
        wait_until(self.is_answering, "the engine answers", timeout_s=120)

    def is_answering(self) -> bool:
        argv = ["docker", "-H", self.address, "version", "--format", "{{.Server.Version}}"]
        return subprocess.run(argv, capture_output=True, check=False, timeout=60).returncode == 0

    def kill(self) -> None:
        """Kill the daemon as a crash would; its containers' shims live on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        # Its containerd dies with it, but not at once; a new engine would take it for alive.
        pid = Path(self.run, "exec", "containerd", "containerd.pid").read_text().strip()
        wait_until(lambda: not Path("/proc", pid).exists(), "containerd has ended")

    def stop(self) -> None:
        """Stop the daemon in good order."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(120)

    def restart(self, *, live_restore: bool) -> None:
        """Stop it in good order, and start it with this setting."""
        self._live_restore = live_restore
        self.stop()
        self.start()

    def clear(self) -> None:
        """Remove all containers."""
        leftover = self.docker("ps", "-aq").split()
        if leftover:
            self.docker("rm", "-f", "-v", *leftover)

    def docker(self, *argv: str) -> str:
        """Run the command line client and return what it says."""
        done = subprocess.run(
            ["docker", "-H", self.address, *argv], capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@contextlib.contextmanager
def private_engine(name: str, *, live_restore: bool = True) -> Iterator[PrivateEngine]:
    """Run an engine; its images are kept for the next time."""
    data = _CACHE / "engines" / name
    data.mkdir(parents=True, exist_ok=True)
    run = Path(tempfile.mkdtemp(prefix="dc-engine-", dir="/tmp"))
    with (data.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _ensure_bridge()
        _unmount_below(data)  # what an engine that was killed for good left
        engine = PrivateEngine(data, run, live_restore=live_restore)
        engine.start()
        try:
            engine.clear()  # what tests that were killed left
            yield engine
            engine.clear()
        finally:
            engine.stop()
            shutil.rmtree(run, ignore_errors=True)


def wait_until(condition: object, what: str, *, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.1)
    raise AssertionError(f"waited {timeout_s:g} s in vain until {what}")


def busybox_image(engine: PrivateEngine, name: str, *changes: str, setuid: bool = False) -> str:
    """Make an image of a busybox alone, with these changes (`VOLUME /data`)."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "bin").mkdir()
        shutil.copy2("/bin/busybox", root / "bin" / "busybox")
        _bring_libraries(root)
        (root / "bin" / "busybox").chmod(0o4755 if setuid else 0o755)
        for link in ("sh", "cat", "ls", "sleep", "touch", "mount", "id", "env", "dd", "rm"):
            (root / "bin" / link).symlink_to("busybox")
        for place in ("input", "output", "tmp", "code", "model"):
            (root / place).mkdir()
        archive = Path(folder).with_suffix(".tar")
        subprocess.run(["tar", "-C", folder, "-cf", archive, "."], check=True)
        try:
            options = [part for change in changes for part in ("--change", change)]
            engine.docker("import", *options, str(archive), name)
        finally:
            archive.unlink()
    return name


def _bring_libraries(root: Path) -> None:
    """Copy what busybox is linked to: Debian has it static, or dynamic, as two packages."""
    said = subprocess.run(["ldd", "/bin/busybox"], capture_output=True, text=True, check=False)
    for word in said.stdout.split():
        if word.startswith("/"):
            target = root / word.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(word, target)


def _unmount_below(folder: Path) -> None:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    targets = {target for line in lines if (target := line.split()[4]).startswith(f"{folder}/")}
    for target in sorted(targets, reverse=True):
        subprocess.run(["umount", "--lazy", target], check=False)


def _ensure_bridge() -> None:
    if Path(f"/sys/class/net/{BRIDGE}").exists():
        return
    for argv in (
        ["ip", "link", "add", BRIDGE, "type", "bridge"],
        ["ip", "address", "add", ADDRESS, "dev", BRIDGE],
        ["ip", "link", "set", BRIDGE, "up"],
    ):
        subprocess.run(argv, check=True)
