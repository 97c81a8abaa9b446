"""The bench's engine is its own: shared by who needs it, and gone when nobody does."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
_USER = """
import sys
from tests.stack.bench.engine import run_engine
with run_engine() as engine:
    print(engine.state, engine.bridge, (engine.state / "docker.pid").read_text(), flush=True)
    sys.stdin.readline()
"""


class User:
    """Another process that uses the engine of a cache folder until it is told to stop."""

    def __init__(self, cache: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USER], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self.process.stdout is not None
        state, self.bridge, pid = self.process.stdout.readline().split()
        self.state, self.engine_pid = Path(state), int(pid)

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("enough\n")
        self.process.stdin.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        assert self.process.wait(timeout=600) == 0

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        with self.process:
            self.process.wait()


def _is_running(pid: int) -> bool:
    return b"dockerd" in _command(pid)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


@pytest.fixture
def own_cache(tmp_path):
    """A cache of its own, and so an engine of its own: the others' is left alone."""
    yield tmp_path
    last = User(tmp_path)
    last.leave()


def test_the_last_who_leaves_ends_it_and_nobody_before(own_cache):
    first, second = User(own_cache), User(own_cache)
    assert first.engine_pid == second.engine_pid

    first.leave()
    assert _is_running(second.engine_pid)
    second.leave()

    assert not _is_running(second.engine_pid)
    assert not Path(f"/sys/class/net/{second.bridge}").exists()


def test_a_killed_user_leaves_an_engine_that_the_next_one_goes_on_with(own_cache):
    killed = User(own_cache)
    killed.kill()
    assert _is_running(killed.engine_pid)

    after = User(own_cache)
    assert after.engine_pid == killed.engine_pid
    after.leave()

    assert not _is_running(killed.engine_pid)


def test_a_killed_engine_is_started_anew(own_cache):
    killed = User(own_cache)
    os.kill(killed.engine_pid, signal.SIGKILL)
    killed.kill()

    after = User(own_cache)

    assert after.engine_pid != killed.engine_pid
    assert _is_running(after.engine_pid)
    after.leave()
    assert str(own_cache) not in Path("/proc/self/mounts").read_text()


def test_a_pid_file_of_another_program_ends_nothing(own_cache):
    with subprocess.Popen(["sleep", "600"]) as stranger:
        before = User(own_cache)
        os.kill(before.engine_pid, signal.SIGKILL)
        before.kill()
        (before.state / "docker.pid").write_text(str(stranger.pid))

        after = User(own_cache)

        assert stranger.poll() is None
        assert _is_running(after.engine_pid)
        after.leave()
        stranger.kill()


def test_two_caches_have_engines_that_leave_each_other_alone(engine, own_cache):
    other = User(own_cache)

    assert other.state != engine.state
    other.leave()

    assert engine.docker("version", "--format", "{{.Server.Version}}").strip()
    assert Path(f"/sys/class/net/{engine.bridge}").exists()
