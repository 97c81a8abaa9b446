"""Files on their way between machines: what is packed comes out the same, the rest is refused."""

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from blueprint.desk import archive
from blueprint.desk.archive import CutOffError, pack, unpack
from blueprint.desk.port import CodeError


def tar(*entries: tuple[str, bytes], **fields: object) -> bytes:
    """Make an archive by hand, as a platform that was taken over might."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as file:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            for key, value in fields.items():
                setattr(entry, key, value)
            file.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def pieces(content: bytes, size: int = 1000) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def test_files_come_out_as_they_went_in(tmp_path: Path, into: Path) -> None:
    source = tmp_path / "source"
    long_name = "/".join(["a" * 60] * 4)
    wanted = {"run.sh": b"#!/bin/sh\n", "b/weights.bin": os.urandom(300_000), long_name: b""}
    wanted["b/\N{GREEK SMALL LETTER ALPHA}.txt"] = b"x"
    for name, content in wanted.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    (source / "run.sh").chmod(0o755)

    count = unpack(pack(source), into)

    assert count == 4
    found = {str(p.relative_to(into)): p.read_bytes() for p in into.rglob("*") if p.is_file()}
    assert found == wanted
    assert (into / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (into / "b/weights.bin").stat().st_mode & 0o777 == 0o644


def test_no_piece_is_large(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(3_000_000))

    assert max(map(len, pack(tmp_path))) <= 64 * 1024


@pytest.mark.parametrize(
    "name", ["../out", "a/../../out", "/etc/out", ".git/hooks/x", "a/.git/config", "..", "/"]
)
def test_a_name_that_leaves_the_folder_is_refused(name: str, into: Path, tmp_path: Path) -> None:
    with pytest.raises(CodeError, match="unsafe name"):
        unpack(pieces(tar((name, b"x"))), into)

    assert [path.name for path in tmp_path.iterdir()] == ["into"]


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE,
     tarfile.DIRTYPE],
)  # fmt: skip
def test_only_regular_files_are_taken(kind: bytes, into: Path) -> None:
    with pytest.raises(CodeError, match="no regular file"):
        unpack(pieces(tar(("x", b""), type=kind, linkname="/etc/passwd")), into)

    assert list(into.iterdir()) == []


def test_a_file_is_written_once(into: Path) -> None:
    with pytest.raises(CodeError, match="cannot be written here"):
        unpack(pieces(tar(("a", b"1"), ("a", b"2"))), into)
    with pytest.raises(CodeError, match="cannot be written here"):
        unpack(pieces(tar(("b", b"1"), ("b/c", b"2"))), into)


def test_setuid_and_other_modes_are_left_out(into: Path) -> None:
    unpack(pieces(tar(("a", b"x"), mode=0o6777)), into)

    assert (into / "a").stat().st_mode & 0o7777 == 0o755


def test_counts_and_sizes_are_bounded(into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = tar(*((f"f{number}", b"") for number in range(archive.MAX_FILES + 1)))
    with pytest.raises(CodeError, match="more than 2000 files"):
        unpack(pieces(many), into)

    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 1024**2)
    with pytest.raises(CodeError, match="a file larger than 1 MiB"):
        unpack(pieces(tar(("large", bytes(1024**2 + 1)))), into)
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1024**2)
    with pytest.raises(CodeError, match="files are larger than 1 MiB"):
        unpack(pieces(tar(("x", bytes(600_000)), ("y", bytes(600_000)))), into)


def test_heads_without_end_are_bounded(into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 100_000)
    long = tar(("x", b""), pax_headers={"comment": "c" * 1_000_000})

    with pytest.raises(CodeError, match="larger than any submission"):
        unpack(pieces(long), into)


@pytest.mark.parametrize("length", [0, 100, 512, 600, 1500, 1536])
def test_an_archive_that_was_cut_off_is_no_archive(length: int, into: Path) -> None:
    whole = tar(("a", b"x" * 1000), ("b", b"y" * 1000))

    with pytest.raises(CutOffError):
        unpack(pieces(whole[:length]), into)


@pytest.mark.parametrize("content", [b"", b"not a tar" * 1000, b"\x1f\x8b" + bytes(2000)])
def test_what_is_no_archive_is_said(content: bytes, into: Path) -> None:
    with pytest.raises(CutOffError):
        unpack(pieces(content), into)


def test_a_folder_with_a_link_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")

    with pytest.raises(CodeError, match="no regular file"):
        list(pack(tmp_path))
