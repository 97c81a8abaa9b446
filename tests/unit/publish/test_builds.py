"""A reader sees the old site or the new one; old builds go, the last two stay."""

import threading
from pathlib import Path

import pytest

from blueprint.publish.builds import one_build_at_a_time, publish_files
from blueprint.state import StateFolder


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    """A state folder in which nothing was published."""
    return StateFolder(tmp_path / "state")


def publish(state: StateFolder, text: str) -> Path:
    with one_build_at_a_time(state):
        return publish_files(state, {"index.html": text.encode()})


def test_what_was_published_is_read_through_the_link(state):
    folder = publish(state, "one")

    assert state.site.is_symlink()
    assert state.site.resolve() == folder.resolve()
    assert (state.site / "index.html").read_text() == "one"


def test_the_link_survives_moving_the_state_folder(state, tmp_path):
    publish(state, "one")
    moved = StateFolder(state.root.rename(tmp_path / "elsewhere"))

    assert (moved.site / "index.html").read_text() == "one"


def test_an_unchanged_site_is_not_written_again(state):
    first = publish(state, "one")
    written_at = (first / "index.html").stat().st_mtime_ns

    assert publish(state, "one") == first
    assert (first / "index.html").stat().st_mtime_ns == written_at


def test_the_last_two_builds_are_kept(state):
    for text in ("one", "two", "three", "four"):
        publish(state, text)

    kept = sorted((folder / "index.html").read_text() for folder in state.site_builds.iterdir())
    assert kept == ["four", "three"]


def test_going_back_to_an_older_site_keeps_it(state):
    for text in ("one", "two", "one", "three"):
        publish(state, text)

    kept = {(folder / "index.html").read_text() for folder in state.site_builds.iterdir()}
    assert kept == {"one", "three"}
    assert (state.site / "index.html").read_text() == "three"


def test_what_a_killed_build_left_is_removed(state):
    publish(state, "one")
    leftover = state.site_builds / ".unfinished-abc"
    leftover.mkdir()
    (leftover / "index.html").write_text("half")
    (state.site.parent / ".current.new").symlink_to("nowhere")

    publish(state, "two")

    assert not leftover.exists()
    assert (state.site / "index.html").read_text() == "two"


def test_a_reader_always_finds_a_whole_site(state):
    publish(state, "0")
    stop = threading.Event()
    seen: list[str] = []

    def watch() -> None:
        while not stop.is_set():
            seen.append((state.site / "index.html").read_text())

    reader = threading.Thread(target=watch)
    reader.start()
    try:
        # A folder that a reader has just resolved is still there one build later.
        for number in range(1, 40):
            publish(state, str(number))
    finally:
        stop.set()
        reader.join()

    assert seen
    assert seen == sorted(seen, key=int)
