"""Opening files of a release: nothing outside of its folder can be reached."""

import os
from pathlib import Path

import pytest

from blueprint.data.release_files import (
    ReleaseFile,
    list_files,
    open_beneath,
    sha256_beneath,
)


def _read(folder: Path, path: str) -> bytes:
    with os.fdopen(open_beneath(folder, path), "rb") as file:
        return file.read()


def test_a_file_below_the_folder_is_opened(folder: Path) -> None:
    assert _read(folder, "a.txt") == b"hello"
    assert _read(folder, "sub/b.bin") == bytes(1000)


def test_the_folder_itself_may_be_behind_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").symlink_to(folder)

    assert _read(tmp_path / "disk", "a.txt") == b"hello"


@pytest.mark.parametrize(
    "path",
    ["../later/secret.txt", "sub/../../later/secret.txt", "/etc/passwd", "", ".", "..", "sub/",
     "./a.txt", "sub//b.bin", "sub", "a.txt/x", "nothing"],
)  # fmt: skip
def test_paths_that_lead_elsewhere_are_refused(folder: Path, path: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011  # which error depends on the kernel
        open_beneath(folder, path)


def test_links_are_not_followed_wherever_they_stand(folder: Path, tmp_path: Path) -> None:
    (folder / "link.txt").symlink_to(tmp_path / "data" / "later" / "secret.txt")
    (folder / "link").symlink_to(tmp_path / "data" / "later")

    for path in ("link.txt", "link/secret.txt"):
        with pytest.raises(OSError, match=r"Too many levels|Not a directory"):
            open_beneath(folder, path)


def test_a_pipe_or_socket_in_a_files_place_does_not_hold_us_up(folder: Path) -> None:
    os.mkfifo(folder / "pipe")

    with pytest.raises(OSError, match="not a regular file"):
        open_beneath(folder, "pipe")


def test_no_descriptor_is_left_open(folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    os.mkfifo(folder / "pipe")
    for path in ("a.txt/x", "nothing", "sub/nothing", "pipe"):
        with pytest.raises(OSError):  # noqa: PT011
            open_beneath(folder, path)

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_tree_without_end_is_a_fault(tmp_path: Path) -> None:
    deep = tmp_path / "deep"
    deep.joinpath(*["x"] * 40).mkdir(parents=True)

    files, faults = list_files(deep)

    assert files == []
    assert faults == [f"'{'x/' * 33}' lies deeper than 32 folders"]


def test_a_name_that_is_not_utf8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"")

    files, faults = list_files(tmp_path)

    assert files == []
    assert len(faults) == 1


def test_a_file_that_changes_while_it_is_read_gets_no_checksum(folder: Path) -> None:
    (listed,) = [file for file in list_files(folder)[0] if file.path == "a.txt"]
    # printf hello | sha256sum
    assert sha256_beneath(folder, listed).startswith("2cf24dba5fb0")

    for stale in (
        ReleaseFile("a.txt", listed.size_bytes + 1, listed.modified_ns),
        ReleaseFile("a.txt", listed.size_bytes, listed.modified_ns - 1),
    ):
        with pytest.raises(OSError, match="was changed while"):
            sha256_beneath(folder, stale)
