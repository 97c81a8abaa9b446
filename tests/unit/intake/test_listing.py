"""The list of files is judged by its words alone, whatever a name tries."""

import pytest

from blueprint.desk.archive import MAX_FILES
from blueprint.intake.listing import judge_listing, readable

SHA = "a" * 40


def line(path: bytes, *, mode: str = "100644", size: str = "1") -> bytes:
    kind = {"040000": "tree", "160000": "commit"}.get(mode, "blob")
    return f"{mode} {kind} {SHA} {size:>7}\t".encode() + path + b"\0"


def problems(listing: bytes | None, *, is_complete: bool = True) -> list[str]:
    return [str(fault) for fault in judge_listing(listing, is_complete=is_complete)[1]]


def test_regular_files_are_taken_with_their_sizes() -> None:
    listing = line(b"src", mode="040000", size="-") + line(b"src/run.sh", mode="100755", size="12")

    files, faults = judge_listing(listing + line("übung.py".encode()), is_complete=True)

    assert faults == []
    assert files.sizes == {"src/run.sh": 12, "übung.py": 1}
    assert files.below("src") == ["run.sh"]


def test_the_most_files_are_just_taken() -> None:
    assert problems(b"".join(line(b"%d" % number) for number in range(MAX_FILES))) == []


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (None, "repository:1:1: git could not list the files of this commit"),
        (b"rubbish", "repository:1:1: git could not list the files of this commit"),
        (b"100644 blob x\tname\0", "repository:1:1: git could not list the files of this commit"),
        (line(b"a", mode="100664"), "a:1:1: has the mode 100664: a file's is 100644 or 100755"),
        (line(b"a/../b"), "a/../b:1:1: the path is not one below the repository"),
        (line(b"/etc/passwd"), "/etc/passwd:1:1: the path is not one below the repository"),
        (line(b"a/.GIT/b"), "a/.GIT/b:1:1: the path is not one below the repository"),
    ],
)
def test_what_cannot_be_a_submission_is_named(listing: bytes | None, expected: str) -> None:
    assert problems(listing) == [expected]


def test_no_name_can_steer_a_terminal_or_end_a_line() -> None:
    for code in [*range(32), 127, 0x85, 0x9B, 0x2028, 0x202E, 0xFEFF]:
        shown = readable(chr(code).encode() + b"x")
        assert shown.isprintable()
        assert shown.isascii()
    assert readable(b"\xff\xfe") == "\\xff\\xfe"
    assert len(readable(b"x" * 4096)) == 101
