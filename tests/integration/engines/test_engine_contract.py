"""What every engine does: the same tests against each that this machine can have."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blueprint.evaluate.engine import Handle, run_to_end
from tests.integration.engines.conftest import Site, make_engine

NONCE = "0123456789abcdef"
WRITES = """
(OUTPUT / "case").mkdir()
(OUTPUT / "case" / "mask").write_text((INPUT / "case.txt").read_text() + os.environ["DIYCHALLENGE_SEED"])
print("hello")
"""  # noqa: E501
SLEEPS = """
import sys, time
if len(sys.argv) == 1:
    os.execvp(sys.executable, [sys.executable, "program.py", marker])
(OUTPUT / "began").touch()
time.sleep({seconds})
(OUTPUT / "done").touch()
"""


def never() -> bool:
    return False


def wait_for(condition: Callable[[], object], timeout_s: float = 20.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        threading.Event().wait(0.05)
    return False


def files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in found}


def test_a_program_reads_its_input_and_its_output_is_collected(site: Site) -> None:
    job = site.job(WRITES)

    outcome = run_to_end(site.engine, job, cancelled=never)

    assert (outcome.ended, outcome.exit_code, outcome.log) == ("exited", 0, b"hello\n")
    assert files(job.output) == {"case/mask": "scan7"}


def test_what_a_failed_program_wrote_is_not_collected(site: Site) -> None:
    job = site.job("(OUTPUT / 'half').touch()\nraise SystemExit(3)")

    outcome = run_to_end(site.engine, job, cancelled=never)

    assert (outcome.ended, outcome.exit_code, outcome.signal) == ("exited", 3, None)
    assert files(job.output) == {}


def test_a_signal_is_told_from_an_exit_code(site: Site) -> None:
    outcome = run_to_end(site.engine, site.job("os.kill(os.getpid(), 11)"), cancelled=never)

    assert (outcome.ended, outcome.exit_code, outcome.signal) == ("signalled", None, 11)


def test_a_program_is_stopped_at_its_wall_clock(site: Site) -> None:
    job = site.job(SLEEPS.format(seconds=60), time_s=1.0)

    outcome = run_to_end(site.engine, job, cancelled=never)

    assert outcome.ended == "timeout"
    assert site.survivors() == []


def test_a_cancelled_job_ends_at_once_with_its_processes(site: Site) -> None:
    job = site.job(SLEEPS.format(seconds=60))
    began = time.monotonic()

    outcome = run_to_end(site.engine, job, cancelled=lambda: bool(site.survivors()))

    assert outcome.ended == "cancelled"
    assert time.monotonic() - began < 45  # left alone it runs for sixty
    assert wait_for(lambda: not site.survivors())


def test_a_running_job_is_found_by_its_nonce_until_it_is_removed(site: Site) -> None:
    handle = site.engine.start(site.job(SLEEPS.format(seconds=60)))
    assert wait_for(site.survivors)

    assert site.engine.find(NONCE) == [handle]
    assert site.engine.find("another") == []

    site.engine.remove(handle)
    site.engine.remove(handle)

    assert site.engine.find(NONCE) == []
    assert wait_for(lambda: not site.survivors())


def test_a_job_that_ended_waits_to_be_collected(site: Site) -> None:
    job = site.job(WRITES)
    handle = site.engine.start(job)
    first = site.engine.wait(handle, never)

    assert site.engine.find(NONCE) == [handle]
    assert site.engine.wait(handle, never) == first
    assert files(job.output) == {"case/mask": "scan7"}


def test_two_jobs_of_one_attempt_are_apart(site: Site) -> None:
    trial = site.engine.start(site.job("raise SystemExit(4)", name="7-1-trial"))
    full = site.engine.start(site.job("raise SystemExit(5)", name="7-1-all"))

    assert {handle.name for handle in site.engine.find(NONCE)} == {"7-1-trial", "7-1-all"}
    assert site.engine.wait(full, never).exit_code == 5
    assert site.engine.wait(trial, never).exit_code == 4


def test_a_handle_of_somebody_else_is_no_exception(site: Site) -> None:
    outcome = site.engine.wait(Handle("9-9-all", NONCE, str(site.folder / "nowhere")), never)

    assert outcome.ended == "engine-error"
    assert "9-9-all" in outcome.detail


def test_what_an_engine_does_not_have_is_an_outcome_and_no_exception(site: Site) -> None:
    job = site.job("", image="registry/tool@sha256:" + "0" * 64)

    outcome = run_to_end(site.engine, job, cancelled=never)

    assert outcome.ended == "engine-error"
    assert "no image" in outcome.detail


def test_an_engine_says_what_it_holds_in_words(site: Site) -> None:
    found = site.engine.probe()

    assert found.works
    assert found.summary
    assert found.notice.endswith(".")


@pytest.mark.parametrize("ended_meanwhile", [False, True])
def test_after_a_kill_of_the_evaluator_a_job_is_adopted_or_gone(
    site: Site, ended_meanwhile: bool
) -> None:
    program = site.folder / "program.txt"
    program.write_text(SLEEPS.format(seconds=2))
    here = Path(__file__).resolve().parents[3]
    argv = [sys.executable, "-m", "tests.integration.engines.start_and_wait", site.kind,
            str(site.folder), site.marker, str(program)]  # fmt: skip
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=here) as evaluator:
        assert evaluator.stdout is not None
        assert evaluator.stdout.readline() == b"started\n"
        assert wait_for(site.survivors)
        evaluator.kill()
    if ended_meanwhile:
        assert wait_for(lambda: not site.survivors())

    again = make_engine(site.kind, site.folder)
    found = again.find(NONCE)

    assert len(found) == (0 if site.kind == "process" else 1)
    if found:
        outcome = again.wait(found[0], never)
        assert (outcome.ended, outcome.exit_code) == ("exited", 0)
        assert set(files(site.folder / "7-1-all" / "output")) == {"began", "done"}
        again.remove(found[0])
    assert again.find(NONCE) == []
    assert wait_for(lambda: not site.survivors())
