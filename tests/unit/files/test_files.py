"""A file is written whole or not at all; a secret is made once."""

import os
import resource
import stat
import threading

import pytest

from blueprint.files import ensure_secret, write_whole


@pytest.fixture
def two_kilobytes_at_most():
    """Let no file grow beyond 2 kB: what a full disk does, for this process alone."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_does_not_fit_leaves_the_old_file_and_no_draft(tmp_path, two_kilobytes_at_most):
    file = tmp_path / "record.json"
    write_whole(file, b"old")

    with pytest.raises(OSError, match="too large"):
        write_whole(file, b"x" * 4096)

    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_permissions_do_not_depend_on_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "hook", b"#!", mode=0o755)
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "hook").stat().st_mode) == 0o755


def test_a_secret_stays_the_same_and_is_its_owners_alone(tmp_path):
    file = tmp_path / "keys" / "portal.key"
    made = ensure_secret(file, lambda: b"first")

    assert (made, ensure_secret(file, lambda: b"second")) == (b"first", b"first")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_of_many_who_make_a_secret_at_once_all_get_the_same(tmp_path):
    barrier, given = threading.Barrier(16), []

    def one(number: int) -> None:
        def make() -> bytes:
            barrier.wait(10)  # everybody found none before anybody has made one
            return f"secret {number}".encode()

        given.append(ensure_secret(tmp_path / "key", make))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(given) == 16
    assert len(set(given)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
