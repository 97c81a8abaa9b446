"""Counting which bytes of a file were sent, in whatever order a client asks."""

import pytest

from blueprint.adapters.sftp_files import parts_of
from blueprint.adapters.sftp_transfer import Coverage


@pytest.mark.parametrize(
    "pieces",
    [
        [(0, 10)],
        [(0, 5), (5, 10)],
        [(5, 10), (0, 5)],
        [(0, 2), (8, 10), (4, 6), (2, 4), (6, 8)],
        [(0, 6), (4, 10)],
        [(3, 4), (0, 10)],
        [(0, 10), (3, 4), (0, 10)],
    ],
)
def test_all_bytes_in_any_order_are_the_whole_file(pieces: list[tuple[int, int]]) -> None:
    coverage = Coverage()
    for start, end in pieces:
        coverage.add(start, end)

    assert coverage.is_whole(10)


@pytest.mark.parametrize(
    "pieces", [[], [(0, 9)], [(1, 10)], [(0, 4), (5, 10)], [(0, 5), (0, 5)], [(0, 3), (6, 10)]]
)
def test_a_gap_is_not_the_whole_file(pieces: list[tuple[int, int]]) -> None:
    coverage = Coverage()
    for start, end in pieces:
        coverage.add(start, end)

    assert not coverage.is_whole(10)


def test_bytes_that_are_sent_twice_count_once() -> None:
    coverage = Coverage()
    for start, end in [(0, 4), (2, 6), (8, 9), (0, 6)]:
        coverage.add(start, end)

    assert coverage.sent_bytes == 7


def test_an_empty_file_is_whole_at_once() -> None:
    assert Coverage().is_whole(0)


def test_a_client_that_reads_in_crumbs_costs_bounded_memory() -> None:
    coverage = Coverage()
    for start in range(0, 20_000, 2):
        coverage.add(start, start + 1)

    assert len(coverage._pieces) == 4096
    coverage.add(0, 20_000)
    assert coverage.is_whole(20_000)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("", ()),
        ("/", ()),
        (".", ()),
        ("/a/b", ("a", "b")),
        ("a//b/./", ("a", "b")),
        ("/../../etc/passwd", ("etc", "passwd")),
        ("/a/../../../b", ("b",)),
        ("..\\..\\x", ("..\\..\\x",)),
        ("/a/%2e%2e", ("a", "%2e%2e")),
    ],
)
def test_a_path_never_leaves_the_root(path: str, parts: tuple[str, ...]) -> None:
    assert parts_of(path) == parts


@pytest.mark.parametrize("path", ["a\0b", "x/" * 3000])
def test_a_path_that_could_not_exist_is_no_such_file(path: str) -> None:
    with pytest.raises(FileNotFoundError):
        parts_of(path)
