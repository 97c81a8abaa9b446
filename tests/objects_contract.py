"""What every store of objects must do: run on a directory by `make test`, on servers by the stack.

A class of tests that each kind of store inherits, with a fixture `make` that returns a new, empty
store.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.objects.port import LockedError, Objects, Stored, TooLargeError

# The examples of FIPS 180-2, and the well known one of nothing.
SHA256_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
SHA256_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MIB = 1024 * 1024

HOSTILE_KEYS = (
    "", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a", "a/./b", "a//b", "a/", "a\\b",
    ".hidden", "a/.objects/b", "-rf", "a/-rf", "@00000001-deadbeef", "a\nb", "a\n", "a\0b",
    "a\x1b[2Jb", "a b", "a%2e%2e", "a?versionId=1", "a#b", "a:b", "a*",
    "\N{LATIN SMALL LETTER E WITH ACUTE}", "a\N{RIGHT-TO-LEFT OVERRIDE}b", "\ud800",
    "x" * 129, "/".join(["x" * 100] * 6),
)  # fmt: skip
HOSTILE_TYPES = (
    "",
    "text",
    "text/html\r\nx-evil: 1",
    'text/html; charset="a"',
    "a/b; c=d",
    "a/" + "b" * 99,
)


class Make(Protocol):
    """Makes a store."""

    def __call__(self, *, is_versioned: bool = False, lock_days: int = 0) -> Objects:
        """Return a new, empty store."""


def timeless(versions: Iterable[Stored | None]) -> list[Stored | None]:
    """Return versions to compare: Versity Gateway moves older ones, and their times with them."""
    return [one and replace(one, stored_at=datetime(1970, 1, 1, tzinfo=UTC)) for one in versions]


class ObjectsContract:
    """The contract; a subclass names the store by a fixture `make`."""

    tells_locks = True
    """Whether the store says until when a version is locked; it keeps it locked in any case."""

    def test_what_is_put_is_read(self, make: Make) -> None:
        store = make()
        before = datetime.now(UTC)

        stored = store.put("logs/7.log", b"abc", "text/plain; charset=utf-8")

        assert store.read("logs/7.log", max_bytes=3) == b"abc"
        assert (stored.key, stored.size_bytes, stored.sha256) == ("logs/7.log", 3, SHA256_ABC)
        assert stored.version is None
        assert stored.locked_until is None
        assert stored.content_type == "text/plain; charset=utf-8"
        assert abs(stored.stored_at - before) < timedelta(minutes=5)
        assert store.stat("logs/7.log") == stored

    def test_nothing_is_something(self, make: Make) -> None:
        store = make()
        store.put("empty", b"", "application/octet-stream")
        known = store.stat("empty")
        assert known is not None
        assert (known.size_bytes, known.sha256) == (0, SHA256_NOTHING)
        assert store.read("empty", max_bytes=0) == b""

    def test_a_file_goes_in_and_out_in_a_stream(self, make: Make, tmp_path: Path) -> None:
        store, source, into = make(), tmp_path / "in", tmp_path / "out"
        content = os.urandom(21 * MIB + 7)  # several parts of an upload
        source.write_bytes(content)
        into.write_bytes(b"of before")

        put = store.put("case-01/mask.nii.gz", source, "application/gzip")
        got = store.get("case-01/mask.nii.gz", into, max_bytes=len(content))

        assert into.read_bytes() == content
        assert into.stat().st_mode & 0o777 == 0o600
        assert got.sha256 == put.sha256
        assert put.size_bytes == got.size_bytes == len(content)

    def test_what_is_larger_than_wanted_is_not_taken(self, make: Make, tmp_path: Path) -> None:
        store, into = make(), tmp_path / "out"
        store.put("a", b"x" * 1000, "text/plain")
        into.write_bytes(b"of before")

        with pytest.raises(TooLargeError, match="object a: is larger than 999 bytes"):
            store.get("a", into, max_bytes=999)
        with pytest.raises(TooLargeError):
            store.read("a", max_bytes=999)

        assert into.read_bytes() == b"of before"
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out"]
        assert len(store.read("a", max_bytes=1000)) == 1000

    def test_what_is_not_there_is_said_so(self, make: Make, tmp_path: Path) -> None:
        store = make(is_versioned=True)
        store.put("there", b"x", "text/plain")
        for key in ("absent", "absent/below", "there/below"):
            assert store.stat(key) is None
            assert store.versions(key) == ()
            with pytest.raises(NotFoundError, match=f"there is no object {key}"):
                store.get(key, tmp_path / "out", max_bytes=10)
            store.delete(key)
        assert not (tmp_path / "out").exists()
        assert store.read("there", max_bytes=1) == b"x"

    @pytest.mark.parametrize("version", ["", "../..", "00000009-deadbeef", "null", "a\0b", "\n"])
    def test_a_version_that_never_was_is_not_there(self, make: Make, version: str) -> None:
        store = make(is_versioned=True)
        store.put("a", b"x", "text/plain")
        assert store.stat("a", version=version) is None
        with pytest.raises(NotFoundError):
            store.read("a", max_bytes=10, version=version)
        store.delete_version("a", version)
        assert len(store.versions("a")) == 1

    def test_a_list_is_of_one_folder_and_by_key(self, make: Make) -> None:
        store = make()
        for key in ("b/2", "b/10", "bc/1", "b-c/1", "a", "b/x/y/z", "b.d"):
            store.put(key, key.encode(), "text/plain")

        listed = list(store.list_below("b"))

        assert [one.key for one in listed] == ["b/10", "b/2", "b/x/y/z"]
        assert [one.size_bytes for one in listed] == [4, 3, 7]
        assert [one.key for one in store.list_below()] == [
            "a", "b-c/1", "b.d", "b/10", "b/2", "b/x/y/z", "bc/1",
        ]  # fmt: skip
        assert list(store.list_below("absent")) == []
        assert list(store.list_below("a")) == []

    def test_a_long_list_is_whole(self, make: Make) -> None:
        store = make()
        names = [f"many/{number:04d}" for number in range(1050)]  # a page of S3 has 1,000
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: store.put(name, b"", "text/plain"), names))
        assert [one.key for one in store.list_below("many")] == names

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_a_hostile_key_is_refused(self, make: Make, tmp_path: Path, key: str) -> None:
        store = make(is_versioned=True)
        calls: list[Callable[[], object]] = [
            lambda: store.put(key, b"x", "text/plain"),
            lambda: store.get(key, tmp_path / "out", max_bytes=1),
            lambda: store.read(key, max_bytes=1),
            lambda: store.stat(key),
            lambda: store.versions(key),
            lambda: store.delete(key),
            lambda: store.delete_version(key, "1"),
        ]
        if key:
            calls.append(lambda: list(store.list_below(key)))
        for call in calls:
            with pytest.raises(InputError, match="key ") as caught:
                call()
            assert "\n" not in str(caught.value)
            assert "\x1b" not in str(caught.value)
        assert list(store.list_below()) == []

    @pytest.mark.parametrize("content_type", HOSTILE_TYPES)
    def test_a_hostile_content_type_is_refused(self, make: Make, content_type: str) -> None:
        store = make()
        with pytest.raises(InputError, match="is no content type"):
            store.put("a", b"x", content_type)
        assert store.stat("a") is None

    def test_only_a_regular_file_is_put(self, make: Make, tmp_path: Path) -> None:
        store = make()
        os.mkfifo(tmp_path / "fifo")
        (tmp_path / "link").symlink_to("/etc/passwd")
        for name in ("fifo", "link", "absent", "."):
            with pytest.raises(InputError, match=r"cannot be read|is no regular file"):
                store.put("a", tmp_path / name, "text/plain")
        assert store.stat("a") is None

    def refuses_folders(self, store: Objects) -> None:
        """Assert that an object is no folder: not every store says so, so it is no test itself."""
        store.put("a", b"1", "text/plain")
        store.put("b/c", b"2", "text/plain")
        with pytest.raises(ConflictError, match="object a/x"):
            store.put("a/x", b"3", "text/plain")
        with pytest.raises(ConflictError, match=r"object b[ :]"):
            store.put("b", b"4", "text/plain")
        assert [one.key for one in store.list_below()] == ["a", "b/c"]
        assert store.read("a", max_bytes=1) == b"1"

    def test_a_put_replaces_and_delete_is_repeatable(self, make: Make) -> None:
        store = make()
        store.put("a/b", b"old", "text/plain")
        store.put("a/b", b"new one", "text/html")

        known = store.stat("a/b")
        assert known is not None
        assert (known.size_bytes, known.content_type) == (7, "text/html")
        assert store.read("a/b", max_bytes=10) == b"new one"
        assert [one.size_bytes for one in store.versions("a/b")] == [7]

        store.delete("a/b")
        store.delete("a/b")
        assert store.stat("a/b") is None
        assert list(store.list_below()) == []
        store.put("a", b"the folder is gone with its last object", "text/plain")

    def test_versions_are_kept(self, make: Make) -> None:
        store = make(is_versioned=True)
        first = store.put("a", b"1", "text/plain")
        second = store.put("a", b"22", "text/html")
        assert first.version
        assert second.version
        assert first.version != second.version

        assert timeless(store.versions("a")) == timeless((second, first))
        assert store.read("a", max_bytes=9) == b"22"
        assert store.read("a", max_bytes=9, version=first.version) == b"1"
        assert timeless((store.stat("a", version=first.version),)) == timeless((first,))

        store.delete("a")
        assert store.stat("a") is None
        assert list(store.list_below()) == []
        assert timeless(store.versions("a")) == timeless((second, first))
        assert store.read("a", max_bytes=9, version=first.version) == b"1"

        third = store.put("a", b"333", "text/plain")
        assert timeless(store.versions("a")) == timeless((third, second, first))

    def test_a_version_is_removed_for_good(self, make: Make) -> None:
        store = make(is_versioned=True)
        first, second, third = (store.put("a", text, "text/plain") for text in (b"1", b"2", b"3"))
        assert first.version
        assert second.version
        assert third.version

        store.delete_version("a", third.version)
        assert store.read("a", max_bytes=1) == b"2"
        store.delete_version("a", first.version)
        assert timeless(store.versions("a")) == timeless((second,))
        fourth = store.put("a", b"4", "text/plain")
        assert fourth.version not in (first.version, second.version, third.version)
        assert fourth.version
        store.delete_version("a", fourth.version)
        store.delete_version("a", second.version)
        assert store.stat("a") is None
        assert store.versions("a") == ()

    def test_what_was_deleted_does_not_come_back_with_an_older_version(self, make: Make) -> None:
        store = make(is_versioned=True)
        first, second = (store.put("a", text, "text/plain") for text in (b"1", b"2"))
        store.delete("a")
        assert second.version
        store.delete_version("a", second.version)
        assert store.stat("a") is None
        assert timeless(store.versions("a")) == timeless((first,))

    def test_what_is_locked_stays(self, make: Make) -> None:
        store = make(is_versioned=True, lock_days=2)
        first = store.put("p-7/data-use-1.pdf", b"signed", "application/pdf")
        assert first.version
        if self.tells_locks:
            assert first.locked_until is not None
            kept = first.locked_until - first.stored_at
            assert timedelta(days=2) - timedelta(minutes=5) < kept < timedelta(days=2, minutes=5)

        with pytest.raises(LockedError, match=r"p-7/data-use-1\.pdf.*is locked"):
            store.delete_version("p-7/data-use-1.pdf", first.version)
        second = store.put("p-7/data-use-1.pdf", b"other", "application/pdf")
        store.delete("p-7/data-use-1.pdf")

        assert store.stat("p-7/data-use-1.pdf") is None
        assert timeless(store.versions("p-7/data-use-1.pdf")) == timeless((second, first))
        assert store.read("p-7/data-use-1.pdf", max_bytes=9, version=first.version) == b"signed"

    def test_a_reader_sees_whole_objects_while_others_write(self, make: Make) -> None:
        store = make()
        contents = [bytes([65 + number]) * (50_000 + number) for number in range(4)]
        store.put("a/b", contents[0], "text/plain")

        def write(number: int) -> None:
            for _ in range(10):
                store.put("a/b", contents[number], "text/plain")

        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(write, number) for number in range(4)]
            seen = 0
            while not all(writer.done() for writer in writers) or not seen:
                assert store.read("a/b", max_bytes=60_000) in contents
                assert [one.key for one in store.list_below("a")] == ["a/b"]
                seen += 1
            for writer in writers:
                writer.result()
        assert store.read("a/b", max_bytes=60_000) in contents
