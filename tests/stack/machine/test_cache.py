"""What is kept is made once, whole or not at all."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stack.bench import cache, progress

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "CACHE", tmp_path / "diychallenge-bench")


def _nothing(draft: Path) -> None:
    """Make an empty folder."""


def test_a_version_is_made_once():
    makings = []

    def make(draft: Path) -> None:
        makings.append(draft)
        (draft / "program").write_text("one")

    first = cache.ensure("thing", "1", make)
    second = cache.ensure("thing", "1", make)

    assert first == second
    assert (second / "program").read_text() == "one"
    assert len(makings) == 1


def test_another_version_is_made_beside_it():
    one = cache.ensure("thing", "1", _nothing)
    two = cache.ensure("thing", "2", _nothing)

    assert one != two
    assert one.is_dir()


def test_a_failed_making_leaves_nothing_that_looks_made():
    def fail(draft: Path) -> None:
        (draft / "half").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cache.ensure("thing", "1", fail)
    made = cache.ensure("thing", "1", _nothing)

    assert list(made.iterdir()) == []


_MAKER = """
import sys, time
from pathlib import Path
from tests.stack.bench import cache
def make(draft):
    (draft / "half").write_text("half")
    Path(sys.argv[1]).open("a").write("made\\n")
    time.sleep(float(sys.argv[2]))
    (draft / "whole").write_text("whole")
cache.ensure("thing", "1", make)
"""


def _start_maker(tmp_path: Path, sleep_s: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _MAKER, str(tmp_path / "makings"), str(sleep_s)], cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.05)


def test_two_processes_do_not_make_the_same_thing_twice(tmp_path):
    both = [_start_maker(tmp_path, 1) for _ in range(2)]

    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert (tmp_path / "makings").read_text() == "made\n"


def test_a_killed_maker_is_followed_by_another_from_the_start(tmp_path):
    killed = _start_maker(tmp_path, 600)
    _wait_for(tmp_path / "makings")
    killed.kill()
    killed.wait()

    made = cache.ensure("thing", "1", lambda draft: (draft / "new").touch())

    assert [path.name for path in made.iterdir()] == ["new"]


def test_what_takes_longer_than_two_seconds_says_so(monkeypatch):
    lines: list[str] = []
    monkeypatch.setattr(progress, "_tell", lines.append)

    with progress.step("a quick thing"):
        pass
    with progress.step("a slow thing"):
        time.sleep(progress.QUIET_S + 1)

    assert lines[0].startswith("bench: a slow thing ... ")
    assert lines[-1].startswith("bench: a slow thing: ")
