"""A commit's files on disk: exactly its blobs, and nothing that git or the pusher can make run."""

import hashlib
import os
import stat
import struct
import subprocess
from pathlib import Path

import pytest

from blueprint.desk.port import CodeError
from blueprint.errors import ToolError
from blueprint.intake import checkout
from blueprint.intake.checkout import materialise
from tests.integration.git_gateway.deep_pack import deep_pack


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    folder = tmp_path / "team.git"
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True, timeout=30)
    return folder


def git(bare: Path, *argv: str, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["git", f"--git-dir={bare}", "-c", "user.name=a", "-c", "user.email=a@b", *argv],
        input=stdin, check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    return done.stdout.decode().strip()


def blob(bare: Path, content: bytes) -> str:
    return git(bare, "hash-object", "-w", "--stdin", stdin=content)


def commit(bare: Path, *lines: tuple[str, str, bytes]) -> str:
    """Make a commit of flat trees from (mode, id, name); git itself would not make some of them."""
    content = b"".join(
        f"{mode} {'commit' if mode == '160000' else 'tree' if mode == '040000' else 'blob'} {sha}\t"
        .encode() + name + b"\0"
        for mode, sha, name in lines
    )  # fmt: skip
    tree = git(bare, "mktree", "-z", "--missing", stdin=content)
    return git(bare, "commit-tree", tree, "-m", "x")


def subtree(bare: Path, *lines: tuple[str, str, bytes]) -> str:
    content = b"".join(f"{m} blob {sha}\t".encode() + name + b"\0" for m, sha, name in lines)
    return git(bare, "mktree", "-z", stdin=content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "code"
    place.mkdir()
    return place


def test_files_and_their_modes_are_those_of_the_commit(bare: Path, folder: Path) -> None:
    script, data = blob(bare, b"#!/bin/sh\n"), blob(bare, b"\x00\xff data")
    inner = subtree(bare, ("100644", data, b"weights.bin"))
    made = commit(bare, ("100755", script, b"run.sh"), ("040000", inner, b"model"))

    before = os.umask(0o077)
    try:
        count = materialise(bare, made, folder)
    finally:
        os.umask(before)

    assert count == 2
    assert (folder / "model/weights.bin").read_bytes() == b"\x00\xff data"
    assert stat.S_IMODE((folder / "run.sh").stat().st_mode) == 0o755
    assert stat.S_IMODE((folder / "model/weights.bin").stat().st_mode) == 0o644


def test_attributes_of_the_repository_change_nothing(bare: Path, folder: Path) -> None:
    attributes = (
        b"*.txt export-ignore\n*.txt eol=crlf text\n*.txt filter=evil\n*.txt export-subst\n"
    )
    made = commit(
        bare,
        ("100644", blob(bare, attributes), b".gitattributes"),
        ("100644", blob(bare, b"a\n$Format:%H$\n"), b"a.txt"),
    )

    materialise(bare, made, folder)

    assert (folder / "a.txt").read_bytes() == b"a\n$Format:%H$\n"


def test_only_the_folder_that_is_asked_for_is_written(bare: Path, folder: Path) -> None:
    some = blob(bare, b"mask")
    inner = subtree(bare, ("100644", some, b"mask.nii.gz"))
    made = commit(bare, ("040000", inner, b"predictions"), ("100644", some, b"README.md"))

    assert materialise(bare, made, folder, below="predictions") == 1

    assert [path.name for path in folder.rglob("*")] == ["mask.nii.gz"]


def test_one_blob_in_two_places_is_written_twice(bare: Path, folder: Path) -> None:
    some = blob(bare, b"same")

    materialise(bare, commit(bare, ("100644", some, b"a"), ("100644", some, b"b")), folder)

    assert (folder / "a").read_bytes() == (folder / "b").read_bytes() == b"same"


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_links_and_submodules_are_refused(bare: Path, folder: Path, mode: str) -> None:
    target = blob(bare, b"/etc/passwd") if mode == "120000" else "1" * 40
    made = commit(bare, (mode, target, b"link"))

    with pytest.raises(CodeError, match="no regular file"):
        materialise(bare, made, folder)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", [b"..", b".git"])
def test_names_that_lead_elsewhere_are_refused(bare: Path, folder: Path, name: bytes) -> None:
    inner = subtree(bare, ("100644", blob(bare, b"x"), b"config"))
    # Git's own commands refuse such a tree: its bytes are written as an object.
    raw = b"40000 " + name + b"\0" + bytes.fromhex(inner)
    tree = git(bare, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
    made = git(bare, "commit-tree", tree, "-m", "x")

    with pytest.raises(CodeError, match="unsafe name"):
        materialise(bare, made, folder)
    assert [path.name for path in folder.parent.iterdir() if path.name == "config"] == []


def test_names_that_are_no_text_are_written_as_they_are(bare: Path, folder: Path) -> None:
    materialise(bare, commit(bare, ("100644", blob(bare, b"x"), b"\xff\xfe")), folder)

    assert [os.fsencode(path.name) for path in folder.iterdir()] == [b"\xff\xfe"]


def test_a_name_too_long_for_this_machine_is_refused(bare: Path, folder: Path) -> None:
    made = commit(bare, ("100644", blob(bare, b"x"), b"n" * 300))

    with pytest.raises(CodeError, match="cannot be written here"):
        materialise(bare, made, folder)


def test_too_many_files_are_refused_before_one_is_written(
    bare: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "MAX_FILES", 3)
    some = blob(bare, b"x")
    made = commit(bare, *(("100644", some, f"f{n}".encode()) for n in range(4)))

    with pytest.raises(CodeError, match="more than 3 files"):
        materialise(bare, made, folder)
    assert not list(folder.iterdir())


def test_one_large_blob_in_many_places_counts_each_time(
    bare: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "MAX_TOTAL_BYTES", 2**20)
    large = blob(bare, bytes(2**18 + 1))
    made = commit(bare, *(("100644", large, f"f{n}".encode()) for n in range(4)))

    with pytest.raises(CodeError, match="larger than 1 MiB"):
        materialise(bare, made, folder)
    assert not list(folder.iterdir())


def test_a_commit_that_is_an_option_is_no_option(bare: Path, folder: Path) -> None:
    with pytest.raises(ToolError):
        materialise(bare, "--upload-pack=touch /tmp/x", folder)


def test_files_that_take_git_too_long_to_unpack_are_a_fault_of_the_commit(
    bare: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each file is a delta on the one before. Git keeps the last 96 MiB that it made, 24 of these
    # files, so steps of 30 towards the base find nothing kept: each file is made from the base,
    # which are 40 x some 150 x 4 MiB, or 25 GB of copying (3 s where 10 GB/s are copied).
    size, depth = 4 * 1024**2, 300
    pack = deep_pack(depth, size)
    git(bare, "index-pack", "--stdin", "--fix-thin", stdin=pack)
    contents = [bytes(size - 4) + struct.pack(">I", number) for number in range(1, depth + 1)]
    names = [hashlib.sha1(b"blob %d\0" % size + one).hexdigest() for one in contents]  # noqa: S324
    far_apart = [names[depth - 1 - 30 * (number % 10) - number // 10] for number in range(40)]
    files = [("100644", sha, b"f%02d" % number) for number, sha in enumerate(far_apart)]
    made = commit(bare, *files)
    monkeypatch.setattr(checkout, "MAX_CPU_S", 1)

    with pytest.raises(CodeError, match="take too long to unpack: git was ended after 1 s"):
        materialise(bare, made, folder)
