"""A digest is made again exactly when a file was touched, and never believed when it was."""

import hashlib
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blueprint.data.fact_cache import FactCache
from blueprint.data.file_digests import FileDigest, FileDigests
from blueprint.images.sources import VolumeError


def later() -> datetime:
    """A clock that is ahead, so that a file of this test counts as settled."""
    return datetime.now(UTC) + timedelta(minutes=1)


@pytest.fixture
def digests(tmp_path: Path) -> FileDigests:
    return FileDigests(FactCache(tmp_path / "cache"), later)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mask.nii.gz"
    path.write_bytes(b"abc")
    return path


# SHA-256 of "abc", from FIPS 180-4's examples.
ABC = FileDigest("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3)


def test_the_digest_is_sha256(digests: FileDigests, file: Path):
    assert digests.known(file) is None
    assert digests.digest(file) == ABC
    assert digests.known(file) == ABC


def test_another_process_knows_it_without_reading(digests: FileDigests, file: Path, tmp_path: Path):
    digests.digest(file)

    assert FileDigests(FactCache(tmp_path / "cache")).known(file) == ABC


def test_a_change_of_the_same_size_with_the_old_times_is_noticed(digests: FileDigests, file: Path):
    digests.digest(file)
    told = file.stat()
    time.sleep(0.02)  # one tick of the file system's clock
    file.write_bytes(b"abd")
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))

    assert digests.known(file) is None
    assert digests.digest(file).sha256 == hashlib.sha256(b"abd").hexdigest()


def test_two_files_that_change_places_are_noticed(digests: FileDigests, file: Path):
    other = file.with_name("other.nii.gz")
    other.write_bytes(b"xyz")
    shutil.copystat(file, other)
    before = digests.digest(file), digests.digest(other)

    file.rename(file.with_name("between"))
    other.rename(file)
    file.with_name("between").rename(other)

    assert (digests.digest(other), digests.digest(file)) == before


def test_a_file_that_was_touched_just_now_is_not_cached(tmp_path: Path, file: Path):
    cache = FactCache(tmp_path / "cache")
    digests = FileDigests(cache, lambda: datetime.now(UTC))

    assert digests.digest(file) == ABC
    assert digests.known(file) is None


@pytest.mark.parametrize("fact", [1, [], [[], "00"], [None, "0" * 64], "x", {"a": 1}])
def test_a_fact_of_another_form_is_not_believed(tmp_path: Path, file: Path, fact: object):
    cache = FactCache(tmp_path / "cache")
    cache.put({f"file:{file}": fact})

    assert FileDigests(cache, later).digest(file) == ABC


def test_a_pipe_is_not_waited_for(digests: FileDigests, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(VolumeError, match=r"^is a named pipe, not a regular file$"):
        digests.digest(tmp_path / "pipe")


def test_a_loop_of_links_is_named(digests: FileDigests, tmp_path: Path):
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(VolumeError, match=r"^is a symbolic link, not a regular file$"):
        digests.digest(tmp_path / "loop")


def test_a_file_that_this_user_may_not_read_is_named(digests: FileDigests, file: Path):
    file.chmod(0)
    if os.geteuid() == 0:
        file.parent.chmod(0o755)
        nobody = 65534
        os.seteuid(nobody)
    try:
        with pytest.raises(VolumeError, match=r"^may not be read by this user$"):
            digests.digest(file)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
