"""Whether the platform runs is the kernel's word, not a number in a file."""

import os
import signal
import subprocess
import sys
import time

import pytest

from blueprint.deploy import running
from blueprint.state import StateFolder

HOLD = """
import fcntl, os, signal, sys, time
if sys.argv[3] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
open(sys.argv[2], "w").write(str(os.getpid()))
print("holding", flush=True)
time.sleep(600)
"""


@pytest.fixture
def state(tmp_path):
    folder = StateFolder(tmp_path / "state")
    folder.root.mkdir()
    return folder


@pytest.fixture
def hold(state):
    """Start a process that holds the platform's lock, as the platform does."""
    started = []

    def start(manners="polite"):
        argv = [sys.executable, "-c", HOLD, str(state.lock), str(state.pid), manners]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"holding\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_nothing_runs_where_nothing_was_deployed(state):
    assert not running.is_running(state)
    assert not running.was_cut_off(state)
    assert running.platform_pid(state) is None
    assert running.stop(state) == "not running"


def test_the_process_that_holds_the_lock_is_the_platform(state, hold):
    process = hold()

    assert running.is_running(state)
    assert running.platform_pid(state) == process.pid


def test_the_platform_is_found_when_its_pid_file_is_gone_or_wrong(state, hold):
    process = hold()

    state.pid.unlink()
    assert running.platform_pid(state) == process.pid
    state.pid.write_text("not a number")
    assert running.platform_pid(state) == process.pid


def test_kill_9_is_seen_as_cut_off(state, hold):
    process = hold()

    process.kill()
    process.wait()

    assert not running.is_running(state)
    assert running.was_cut_off(state)


def test_a_reused_pid_is_neither_running_nor_killed(state):
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        state.lock.touch()
        state.pid.write_text(str(bystander.pid))

        assert not running.is_running(state)
        assert running.was_cut_off(state)
        assert running.stop(state) == "not running"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_stop_ends_the_holder_and_not_the_process_in_the_pid_file(state, hold):
    holder = hold()
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        state.pid.write_text(str(bystander.pid))

        assert running.stop(state) == "stopped"
        assert holder.wait(5) == -signal.SIGTERM
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_platform_that_does_not_end_is_killed(state, hold):
    process = hold("deaf")

    assert running.stop(state, patience_s=0.2) == "killed"
    assert process.wait(60) == -signal.SIGKILL
    assert not running.was_cut_off(state)


def test_started_at_is_when_the_process_began(state, hold):
    before = time.time()
    process = hold()
    after = time.time()

    began = running.started_at(process.pid)

    assert began is not None
    # The kernel counts from the boot, which it gives in whole seconds.
    assert before - 2 <= began.timestamp() <= after + 2
    assert running.started_at(os.getpid()) is not None
