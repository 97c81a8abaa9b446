"""The object store in a directory: the contract, and what a disk adds to it."""

import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blueprint.adapters.process import PIPE, start
from blueprint.errors import ToolError
from blueprint.objects.directory import DirectoryObjects
from blueprint.objects.port import DamagedError, LockedError
from tests.objects_contract import Make, ObjectsContract


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def make(root: Path) -> Make:
    def build(*, is_versioned: bool = False, lock_days: int = 0) -> DirectoryObjects:
        # Waiting for a busy disk a thousand times proves nothing more.
        return DirectoryObjects(
            root, is_versioned=is_versioned, lock_days=lock_days, is_durable=False
        )

    return build


class TestDirectory(ObjectsContract):
    """A directory is a store of objects."""

    def test_an_object_is_no_folder(self, make: Make) -> None:
        self.refuses_folders(make())


def files_of(root: Path) -> list[str]:
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if path.name not in (".lock", "about.json"))


def test_an_object_is_read_by_any_program_at_its_key(root: Path) -> None:
    store = DirectoryObjects(root)
    store.put("a/7.log", b"first", "text/plain")
    store.put("a/7.log", b"second", "text/plain")
    assert (root / "a" / "7.log").read_text() == "second"
    # One content is kept: that at the key, and the same below .objects.
    assert len(files_of(root)) == 2


def test_the_store_may_be_moved(root: Path) -> None:
    DirectoryObjects(root).put("a/b/c", b"x", "text/plain")
    root.rename(root.parent / "elsewhere")
    assert DirectoryObjects(root.parent / "elsewhere").read("a/b/c", max_bytes=1) == b"x"


def test_a_plain_file_is_an_object_and_the_next_put_replaces_it(root: Path) -> None:
    root.mkdir()
    (root / "3.log").write_bytes(b"of an earlier version")
    store = DirectoryObjects(root)

    known = store.stat("3.log")
    assert known is not None
    assert (known.size_bytes, known.sha256) == (21, None)
    assert known.content_type == "application/octet-stream"
    assert store.read("3.log", max_bytes=30) == b"of an earlier version"
    assert [one.key for one in store.list_below()] == ["3.log"]

    store.put("3.log", b"new", "text/plain")
    assert store.read("3.log", max_bytes=30) == b"new"
    (root / "4.log").write_bytes(b"another")
    store.delete("4.log")
    assert not (root / "4.log").exists()


def test_where_versions_are_kept_a_plain_file_is_refused(root: Path) -> None:
    root.mkdir()
    (root / "a").write_bytes(b"by hand")
    store = DirectoryObjects(root, is_versioned=True)
    for call in (lambda: store.put("a", b"x", "text/plain"), lambda: store.read("a", max_bytes=9)):
        with pytest.raises(ToolError, match="was not put there by the store"):
            call()
    assert (root / "a").read_bytes() == b"by hand"


def test_a_link_that_leads_elsewhere_is_not_followed(root: Path, tmp_path: Path) -> None:
    store = DirectoryObjects(root)
    store.put("mine", b"x", "text/plain")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "folder").mkdir()
    (root / "evil").symlink_to(tmp_path / "secret")
    (root / "other").symlink_to((root / "mine").readlink())
    (root / "sub").symlink_to(tmp_path / "folder")
    for key in ("evil", "other"):
        with pytest.raises(ToolError, match="is a link that the store did not make"):
            store.read(key, max_bytes=10)
    assert store.stat("sub/x") is None
    with pytest.raises(Exception, match="sub is an object already"):
        store.put("sub/x", b"x", "text/plain")
    assert not list((tmp_path / "folder").iterdir())


def test_damage_is_noticed(root: Path, tmp_path: Path) -> None:
    store = DirectoryObjects(root)
    store.put("a", b"abc", "text/plain")
    content = (root / "a").resolve()
    content.write_bytes(b"abd")
    with pytest.raises(DamagedError, match="object a: 3 bytes with the SHA-256 a52d159f262b"):
        store.get("a", tmp_path / "out", max_bytes=10)
    content.write_bytes(b"ab")
    with pytest.raises(DamagedError, match="object a: 2 bytes"):
        store.read("a", max_bytes=10)
    (content.parent / "about.json").write_text("{")
    with pytest.raises(DamagedError, match=r"about\.json: cannot be read"):
        store.stat("a")
    assert not (tmp_path / "out").exists()


def test_a_lock_ends_with_its_time(root: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    store = DirectoryObjects(root, is_versioned=True, lock_days=1, clock=lambda: now)
    version = store.put("a", b"x", "text/plain").version
    assert version
    now += timedelta(days=1) - timedelta(seconds=1)
    with pytest.raises(LockedError, match="2026-01-02 00:00 UTC"):
        store.delete_version("a", version)
    now += timedelta(seconds=1)
    store.delete_version("a", version)
    assert store.versions("a") == ()


_WRITER = """
import sys
from pathlib import Path
from blueprint.objects.directory import DirectoryObjects
store = DirectoryObjects(Path(sys.argv[1]), is_versioned=sys.argv[2] == "versioned")
number = 0
while True:
    number += 1
    store.put("a/b", str(number % 10).encode() * 300_000, "text/plain")
    print(number, flush=True)
"""


@pytest.mark.parametrize("kind", ["plain", "versioned"])
def test_a_writer_that_is_killed_leaves_a_whole_object(root: Path, kind: str) -> None:
    store = DirectoryObjects(root, is_versioned=kind == "versioned")
    for tries in range(9):
        argv = [sys.executable, "-c", _WRITER, str(root), kind]
        with start(argv, cwd=Path.cwd(), stdout=PIPE, stderr=2) as child:
            assert child.stdout is not None
            for _ in range(tries % 3 + 1):
                assert child.stdout.readline()
            os.kill(child.pid, signal.SIGKILL)
        content = store.read("a/b", max_bytes=400_000)
        assert content in [str(digit).encode() * 300_000 for digit in range(10)]
        if kind == "versioned":
            for one in store.versions("a/b"):
                store.read("a/b", max_bytes=400_000, version=one.version)
    store.put("a/b", b"last", "text/plain")
    assert not list((root / ".objects" / ".drafts").iterdir())
    assert store.read("a/b", max_bytes=9) == b"last"
    if kind == "plain":
        assert len(files_of(root)) == 2


def test_the_draft_of_another_writer_is_left_to_it(root: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "slow")
    store = DirectoryObjects(root)
    with store._layout.draft() as draft:
        (draft / "half").write_bytes(b"x")
        store.put("a", b"another", "text/plain")
        assert (draft / "half").is_file()
    assert not list((root / ".objects" / ".drafts").iterdir())
    left = root / ".objects" / ".drafts" / "left-by-a-killed-one"
    (left / "version").mkdir(parents=True)
    store.put("a", b"again", "text/plain")
    assert not left.exists()


@pytest.fixture(autouse=True)
def _no_stray_files(tmp_path: Path, root: Path) -> Iterator[None]:
    yield
    if root.is_dir():
        assert (root / ".objects").stat().st_mode & 0o777 == 0o700
