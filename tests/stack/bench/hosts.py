"""Debian hosts with systemd that are reached by SSH alone: containers of the bench's engine."""

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stack.bench import progress
from tests.stack.bench.commands import run
from tests.stack.bench.engine import LABEL, Engine
from tests.stack.bench.errors import BenchError
from tests.stack.bench.images import ensure_built
from tests.stack.bench.packages import ensure_programs
from tests.stack.bench.running import server_folder

USER = "deploy"
_BARE, _WITH_ENGINE = "diychallenge-bench/host:bare", "diychallenge-bench/host:with-engine"
_PATIENCE_S = 600.0
_PAUSE_S = 0.5
_CAP_SYS_RESOURCE = 1 << 24
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Host:
    """A host as an admin has it: an address, an account that may `sudo`, and a key."""

    name: str
    address: str
    key: Path
    """The private key of `USER`."""
    known_hosts: Path
    """Knows the host by its address and by its name."""
    container: str
    """Its name in the bench's engine: for what an admin cannot do from outside."""
    engine: Engine

    user: str = USER

    def ssh_argv(self, *words: str) -> list[str]:
        """Return the command that runs `words` on the host, as an admin would type it."""
        return [
            "ssh", "-F", "none", "-i", str(self.key), "-o", "IdentitiesOnly=yes",
            "-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "StrictHostKeyChecking=yes",
            "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", f"{self.user}@{self.address}", *words,
        ]  # fmt: skip

    def ssh(self, *words: str, stdin: bytes | None = None) -> str:
        """Run one command line on the host by SSH and return what it says."""
        return run(self.ssh_argv(*words), stdin=stdin)

    def inside(self, *words: str) -> str:
        """Run a program on the host as root, past SSH: for tests that break or watch a host."""
        return self.engine.docker("exec", self.container, *words)

    def load(self, references: Sequence[str]) -> None:
        """Bring images to the host's own engine, as an admin without a registry would."""
        with progress.step(f"bringing {len(references)} images to {self.name}"):
            save = ["docker", "--host", self.engine.address, "save", *references]
            load = self.ssh_argv("sudo docker load --quiet")
            run(["bash", "-o", "pipefail", "-c", '"${@:2:$1}" | "${@:$1+2}"', "bench",
                 str(len(save)), *save, *load])  # fmt: skip

    def reboot(self) -> None:
        """Stop the host in good order, start it again and wait for it; its disks stay."""
        with progress.step(f"rebooting {self.name}"):
            self.engine.docker("restart", "--time", "60", self.container)
            _wait_until_up(self)


@contextmanager
def run_hosts(
    engine: Engine, names: Sequence[str] = ("public", "evaluation"), *, has_engine: bool = True
) -> Iterator[tuple[Host, ...]]:
    """Boot Debian 13 hosts that reach each other; they and their disks are gone at the end.

    Args:
        engine: The bench's engine, whose gateway is this machine.
        names: Their host names.
        has_engine: Docker 26 with Compose v2 is installed; otherwise they are bare.
    """
    ensure_programs(ssh="openssh-client", ssh_keygen="openssh-client")
    target, tag = ("with-engine", _WITH_ENGINE) if has_engine else ("bare", _BARE)
    ensure_built(engine, "host", tag, target=target)
    mark = f"{os.getpid()}-{secrets.token_hex(3)}"
    with server_folder("hosts") as folder, ExitStack() as ending:
        key = folder / "key"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", key])
        ending.callback(engine.remove_volumes, of=mark)
        ending.callback(engine.remove_containers, of=mark)
        hosts = [_boot(engine, name, tag, mark, key) for name in names]
        for host in hosts:
            _wait_until_up(host)
        yield tuple(hosts)


def _boot(engine: Engine, name: str, tag: str, mark: str, key: Path) -> Host:
    container = f"diybench-{mark}-{name}"
    volume = f"{container}-docker"
    engine.docker("volume", "create", "--label", f"{LABEL}={mark}", volume)
    engine.docker(
        "run", "--detach", "--name", container, "--hostname", name, "--label", f"{LABEL}={mark}",
        *_powers(), *_cgroups(), "--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec",
        # On the container's own layers, the engine inside would have to copy every file.
        "--volume", f"{volume}:/var/lib/docker", tag,
    )  # fmt: skip
    address = engine.docker(
        "inspect", "--format", "{{.NetworkSettings.IPAddress}}", container
    ).strip()
    host = Host(name, address, key, key.with_name("known_hosts"), container, engine)
    public = key.with_suffix(".pub").read_text()
    host.inside(
        "sh", "-c",
        f"echo '{public.strip()}' > /home/{USER}/.ssh/authorized_keys"
        f" && chown {USER}: /home/{USER}/.ssh/authorized_keys",
    )  # fmt: skip
    return host


def _powers() -> list[str]:
    """Return what lets systemd and an engine run inside, also where we have less than all."""
    status = Path("/proc/self/status").read_text()
    (ours,) = [line.split()[1] for line in status.splitlines() if line.startswith("CapBnd:")]
    lacking = [] if int(ours, 16) & _CAP_SYS_RESOURCE else ["--cap-drop", "SYS_RESOURCE"]
    options = ("seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined")
    return [
        "--cap-add", "ALL", *lacking,
        *(word for option in options for word in ("--security-opt", option)),
        # Loop devices, for file systems of a fixed size.
        "--device-cgroup-rule", "b 7:* rwm", "--device-cgroup-rule", "c 10:237 rwm",
    ]  # fmt: skip


def _cgroups() -> list[str]:
    """Return how a host's systemd comes to its control groups."""
    if (_CGROUPS / "cgroup.controllers").exists():
        return ["--cgroupns", "private", "--volume", f"{_CGROUPS}:{_CGROUPS}:rw"]
    old = "systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"
    return [
        "--cgroupns", "host", "--volume", f"{_CGROUPS}:{_CGROUPS}:rw",
        "--env", "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1", "--env", f"SYSTEMD_PROC_CMDLINE={old}",
    ]  # fmt: skip


def _wait_until_up(host: Host) -> None:
    until = time.monotonic() + _PATIENCE_S
    with progress.step(f"booting {host.name}"):
        while True:
            try:
                _know(host)
                host.ssh("true")
            except BenchError as error:
                if time.monotonic() > until:
                    raise BenchError(f"{host.name} does not come up: {error}") from None
                time.sleep(_PAUSE_S)
            else:
                break
    # Waits inside for as long as units are still starting; "degraded" names what failed.
    state = host.inside("sh", "-c", "systemctl is-system-running --wait || true").strip()
    if state != "running":
        failed = host.inside("systemctl", "--failed", "--no-legend", "--plain")
        raise BenchError(f"{host.name} is {state}:\n{failed}")


def _know(host: Host) -> None:
    """Write down the host's key, read past SSH so that nobody can stand between."""
    key = host.inside("cat", "/etc/ssh/ssh_host_ed25519_key.pub").split()
    known = host.known_hosts
    line = f"{host.address},{host.name} {key[0]} {key[1]}\n"
    if not known.exists() or line not in known.read_text():
        with known.open("a") as file:
            file.write(line)
