"""Programs that we start: bounded ones, and ones tied to the life of this process."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from blueprint.adapters import process
from blueprint.errors import ToolError

PYTHON = sys.executable


def python(program: str, *arguments: str) -> list[str]:
    return [PYTHON, "-I", "-c", program, *arguments]


def is_running(marker: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker.encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_finished_program_has_its_code_and_both_outputs():
    done = process.run(
        python("import sys; print('out'); print(' err ', file=sys.stderr); sys.exit(3)"),
        timeout_s=10,
    )

    assert (done.code, done.stdout, done.error_text) == (3, b"out\n", "err")


def test_code_of_a_program_that_a_signal_ended_is_negative():
    done = process.run(python("import os; os.kill(os.getpid(), 15)"), timeout_s=10)

    assert done.code == -signal.SIGTERM


def test_more_than_a_pipe_holds_goes_in_and_out():
    content = os.urandom(3_000_000)

    done = process.run(["cat"], stdin=content, timeout_s=20)

    assert done.stdout == content


def test_program_that_does_not_read_its_input_is_no_fault():
    done = process.run(python("print('done')"), stdin=bytes(1_000_000), timeout_s=10)

    assert (done.code, done.stdout) == (0, b"done\n")


def test_endless_print_is_killed_at_the_limit():
    with pytest.raises(ToolError, match="yes printed more than 10000 bytes and was killed"):
        process.run(["yes"], timeout_s=10, max_output_bytes=10_000)


def test_output_of_exactly_the_limit_is_allowed():
    done = process.run(["head", "-c", "10000", "/dev/zero"], timeout_s=10, max_output_bytes=10_000)

    assert len(done.stdout) == 10_000


def test_endless_complaint_is_cut():
    done = process.run(python("import sys; sys.stderr.write('x' * 1_000_000)"), timeout_s=10)

    assert len(done.stderr) == 64 * 1024


def test_timeout_kills_the_children_too():
    marker = uuid.uuid4().hex
    program = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"

    with pytest.raises(ToolError, match=r"did not end within 1 s and was killed"):
        process.run(python(program, "-c", "import time; time.sleep(60)", marker), timeout_s=1)

    wait_until(lambda: not is_running(marker))


@pytest.mark.parametrize("start", [process.start, process.start_tied])
def test_missing_program_is_named_with_what_to_do(start):
    with pytest.raises(ToolError, match="no-such-program is not installed") as caught:
        start(["no-such-program"])

    assert caught.value.hint == "install no-such-program and make sure PATH has it"


def test_environment_is_only_what_a_program_needs(monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")

    done = process.run(python("import os; print(*os.environ)"), timeout_s=10)

    assert b"LANG" in done.stdout
    assert b"DATABASE_PASSWORD" not in done.stdout


def test_tied_program_has_pipes_and_its_own_exit_code():
    with process.start_tied(
        python("import sys; print(sys.stdin.read().upper()); sys.exit(5)"),
        stdin=process.PIPE,
        stdout=process.PIPE,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"hello")
        child.stdin.close()

        assert child.stdout.read() == b"HELLO\n"
        assert child.wait(10) == 5


def test_tied_program_that_a_signal_ended_says_so():
    with process.start_tied(python("import os; os.kill(os.getpid(), 11)")) as child:
        assert child.wait(10) == -signal.SIGSEGV


def test_leaving_the_block_ends_a_tied_program_with_its_children():
    marker = uuid.uuid4().hex
    program = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"

    with process.start_tied(python(program, "-c", "import time; time.sleep(60)", marker)) as child:
        wait_until(lambda: is_running(marker))
        assert child.poll() is None

    assert child.poll() is not None
    wait_until(lambda: not is_running(marker))


def test_wait_gives_up_after_its_time():
    with process.start(["sleep", "60"]) as child:
        assert child.wait(0.05) is None


@pytest.mark.parametrize("last_words", ["os.kill(os.getpid(), 9)", "os._exit(0)"])
def test_tied_program_dies_with_its_platform(last_words):
    marker = uuid.uuid4().hex
    platform = f"""
import os, sys, threading, time
sys.path.insert(0, sys.argv[1])
from blueprint.adapters import process
# Started from a thread that ends at once: that must not be taken for the platform's end.
argv = [sys.executable, "-c", "import time; time.sleep(60)", {marker!r}]
thread = threading.Thread(target=process.start_tied, args=[argv])
thread.start()
thread.join()
sys.stdin.read()
{last_words}
"""
    checkout = str(Path(__file__).resolve().parents[3])
    with subprocess.Popen([PYTHON, "-c", platform, checkout], stdin=subprocess.PIPE) as running:
        # The platform's own arguments hold the marker too, in its source.
        wait_until(lambda: bool(_sleepers(marker)))
        time.sleep(0.2)
        assert _sleepers(marker)
        assert running.stdin is not None
        running.stdin.close()
        running.wait(10)

    wait_until(lambda: not is_running(marker))


def _sleepers(marker: str) -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if marker.encode() in arguments:
            found.append(arguments[0])
    return found
