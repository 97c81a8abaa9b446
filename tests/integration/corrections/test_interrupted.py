"""A rescore that is killed or runs out of disk: the old board stands, and nothing is lost."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.corrections.conftest import deployed
from tests.integration.corrections.project import CASES, Project, labels_of, push_predictions
from tests.integration.recovery.processes import wait_until

PERFECT = {case: labels_of(number) for number, case in enumerate(CASES, start=1)}
DONE = "SELECT count(*) FROM evaluations WHERE kind = 'rescore' AND state = 'done'"
COUNT = 6
SPARE_BYTES = 96 * 1024


def scored(project: Project) -> dict[str, float]:
    """Have a team with scored submissions, and two references swapped since."""
    team = project.team("ada")
    for number in range(COUNT):
        push_predictions(team, {**PERFECT, "case-02": labels_of(number % 4 + 1)}, str(number))
    for number in range(1, COUNT + 1):
        project.judged(number)
    before = project.dice()
    project.swap_references("case-01", "case-04")
    return before


def finish(project: Project) -> None:
    """See that the rescore goes on, each evaluation made once, and can be published."""
    project.say("rescore")
    assert project.ask_database(DONE) == COUNT
    once = "SELECT max(n) FROM (SELECT count(*) AS n FROM evaluations GROUP BY submission_id)"
    assert project.ask_database(once) == 2
    (one,) = project.ask("corrections", "show")["under_way"]
    assert one["is_complete"]
    project.say("corrections", "publish", "--yes", "--reason", "Swapped.")


def test_a_kill_of_platform_and_command_loses_nothing(project: Project) -> None:
    before = scored(project)
    with project.start_cli("rescore") as command:
        wait_until(lambda: project.ask_database(DONE) >= 1, "the first is scored again")
        project.kill()
        command.kill()
        command.communicate()
    assert project.dice() == before

    project.recover()

    assert project.dice() == before
    finish(project)
    assert project.dice() != before


def test_an_interrupted_command_says_that_it_goes_on(project: Project) -> None:
    before = scored(project)
    assert project.cli("down").returncode == 0
    with project.start_cli("rescore") as command:  # no platform runs: the command does the work
        wait_until(lambda: project.ask_database(DONE) >= 1, "the first is scored again")
        command.send_signal(signal.SIGINT)
        out, said = command.communicate(timeout=30)
    assert command.returncode == 130, out + said
    assert "give the command again to go on" in out
    assert "Traceback" not in said
    assert project.dice() == before

    finish(project)
    assert not project.is_running()


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave hardly anything free on the disk of a folder: enough to open the database."""
    file = folder / "filler"
    with file.open("wb", buffering=0) as filler:
        try:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while filler.write(b"\0" * size):
                        pass
                except OSError:
                    continue
            filler.truncate(filler.tell() - SPARE_BYTES)
            yield
        finally:
            file.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted, which root alone may do")
def test_a_full_disk_costs_time_and_nothing_else(small_project: Project) -> None:
    before = scored(small_project)
    # No platform runs, so that the work is queued, and done where its end can be seen.
    assert small_project.cli("down").returncode == 0
    assert "to score again" in small_project.say("rescore", "--background")
    with full(small_project.folder):
        failed = small_project.cli("rescore")
        assert failed.returncode == 1, failed.stdout + failed.stderr
        assert "platform.db: cannot be written: the disk" in failed.stderr
        assert "Traceback" not in failed.stdout + failed.stderr
        assert small_project.dice() == before
        assert small_project.ask_database(DONE) < COUNT

    finish(small_project)


@pytest.fixture
def small_project(tmp_path: Path) -> Iterator[Project]:
    """A deployed challenge on a disk of its own with little room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        with deployed(disk / "project") as made:
            yield made
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
