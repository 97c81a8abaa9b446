"""Manifests: what they hold, that they are signed, and when they may change."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from blueprint.data.manifests import (
    differences,
    ensure_manifest,
    load_manifest,
    manifest_path,
    verify_release,
)
from blueprint.errors import InputError
from blueprint.platform import Platform
from blueprint.signing import parse_public


def _ensure(platform: Platform) -> Path:
    return ensure_manifest(platform, platform.challenge.release("training"))


def test_a_manifest_names_every_file_with_size_and_checksum(platform: Platform) -> None:
    manifest = json.loads(_ensure(platform).read_bytes())

    # printf hello | sha256sum; head -c 1000 /dev/zero | sha256sum
    assert manifest == {
        "manifest": 1,
        "challenge": "tissue",
        "release": "training",
        "title": "Training set",
        "version": "1.0.0",
        "license": "CC-BY-4.0",
        "files": [
            {
                "path": "a.txt",
                "size_bytes": 5,
                "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            },
            {
                "path": "sub/b.bin",
                "size_bytes": 1000,
                "sha256": "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53",
            },
        ],
    }


def test_the_signature_is_over_the_bytes_of_the_file(platform: Platform) -> None:
    manifest = _ensure(platform)
    key = parse_public((platform.state.keys / "receipts.pub").read_text())
    signature = (manifest.parent / "manifest.json.sig").read_bytes()

    # What openssl or any other Ed25519 program would do; it raises when they do not fit.
    key.verify(base64.b64decode(signature), manifest.read_bytes())


def test_a_manifest_that_was_touched_has_no_good_signature(platform: Platform) -> None:
    manifest = _ensure(platform)
    key = parse_public((platform.state.keys / "receipts.pub").read_text())
    signature = (manifest.parent / "manifest.json.sig").read_text()

    assert load_manifest(manifest.read_bytes(), signature, key)["release"] == "training"
    with pytest.raises(InputError, match="signature"):
        load_manifest(manifest.read_bytes().replace(b"1000", b"1001"), signature, key)
    for nonsense in (b"", b"[]", b"\xff", b'{"manifest": 2}'):
        with pytest.raises(InputError):
            load_manifest(nonsense, signature, key)


def test_a_second_call_changes_nothing(platform: Platform) -> None:
    before = _ensure(platform).stat()
    after = _ensure(platform).stat()

    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_files_of_an_open_release_change_only_with_its_version(
    platform: Platform, folder: Path, make_platform: Callable[..., Platform]
) -> None:
    _ensure(platform)
    (folder / "a.txt").write_bytes(b"HELLO")

    with pytest.raises(InputError, match=r"files of training were changed, but it is open"):
        _ensure(platform)

    manifest = json.loads(_ensure(make_platform(version="1.1.0")).read_bytes())
    assert manifest["version"] == "1.1.0"


def test_files_of_a_release_that_opens_later_may_change(
    folder: Path, make_platform: Callable[..., Platform]
) -> None:
    platform = make_platform(opens="2027-07-01")
    _ensure(platform)
    (folder / "a.txt").write_bytes(b"HELLO")

    assert json.loads(_ensure(platform).read_bytes())["files"][0]["sha256"].startswith("3733cd97")


def test_a_new_time_on_the_same_bytes_is_no_change(platform: Platform, folder: Path) -> None:
    before = _ensure(platform).stat()
    os.utime(folder / "a.txt", (1, 1))

    assert _ensure(platform).stat().st_ino == before.st_ino


def test_a_damaged_manifest_is_made_anew(platform: Platform) -> None:
    manifest = _ensure(platform)
    good = manifest.read_bytes()
    manifest.write_bytes(b"{}")

    assert _ensure(platform).read_bytes() == good


def test_everything_that_cannot_be_given_out_is_named_at_once(
    platform: Platform, folder: Path, tmp_path: Path
) -> None:
    (folder / "link").symlink_to(tmp_path)
    (folder / "manifest.json").write_text("{}")
    (folder / "bell\a").write_text("")
    os.mkfifo(folder / "pipe")
    (folder / ".hidden").write_text("left out")

    with pytest.raises(InputError) as caught:
        _ensure(platform)

    message = str(caught.value)
    for name in ("'link' is a symbolic link", "'manifest.json' is the name", "invisible", "'pipe'"):
        assert name in message
    assert "hidden" not in message
    assert not manifest_path(platform, platform.challenge.release("training")).exists()


def test_a_release_without_its_folder_is_a_fault(
    make_platform: Callable[..., Platform],
) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        _ensure(make_platform(path="data/nowhere"))


def test_verifying_names_what_differs(platform: Platform, folder: Path) -> None:
    release = platform.challenge.release("training")
    assert "no manifest" in verify_release(platform, release).problems[0]
    _ensure(platform)
    good = verify_release(platform, release)
    assert (good.files, good.size_bytes, good.problems) == (2, 1005, ())

    (folder / "a.txt").write_bytes(b"HELLO")
    (folder / "sub" / "b.bin").unlink()
    (folder / "new.txt").write_bytes(b"")

    assert verify_release(platform, release).problems == (
        "a.txt differs from the manifest",
        "new.txt is not in the manifest",
        "sub/b.bin is missing",
    )


def test_differences_of_equal_lists_are_none() -> None:
    files = [{"path": "a", "size_bytes": 1, "sha256": "0"}]

    assert differences(files, [dict(file) for file in files]) == ()
