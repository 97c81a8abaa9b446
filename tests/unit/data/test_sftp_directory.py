"""The virtual tree: what a person finds in it, and what is noted of what they take."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from blueprint.adapters.sftp_port import Login
from blueprint.audit import verify
from blueprint.data.access_log import list_accesses
from blueprint.data.manifests import ensure_manifest
from blueprint.data.releases import upcoming_releases, visible_releases
from blueprint.data.sftp_directory import PlatformDirectory
from blueprint.database.schema import profiles, ssh_keys
from blueprint.platform import Platform

ADA = Login(1, "ada", "SHA256:adas-key")


@pytest.fixture
def directory(platform: Platform, noon: datetime) -> PlatformDirectory:
    """The tree of the platform, with manifests, and with Ada's key known."""
    for release in platform.challenge.data.releases:
        ensure_manifest(platform, release)
    row = {
        "person_id": 1, "fingerprint": ADA.fingerprint, "public_key": "-", "label": "-",
        "created_at": noon,
    }  # fmt: skip
    with platform.database.write() as connection:
        connection.execute(insert(ssh_keys).values(row))
    return PlatformDirectory(platform)


def test_releases_are_visible_from_their_moment_on(platform: Platform, noon: datetime) -> None:
    def seen(moment: datetime) -> list[str]:
        return [item.id for item in visible_releases(platform.challenge, True, moment)]

    opens = platform.challenge.release("training").opens
    assert seen(opens - timedelta(seconds=1)) == []
    assert seen(opens) == ["training"]
    assert seen(noon + timedelta(days=10)) == ["training", "later"]
    assert visible_releases(platform.challenge, person_ok=False, now=noon) == ()
    assert [item.id for item in upcoming_releases(platform.challenge, noon)] == ["later"]


def test_only_the_owner_of_a_key_logs_in(directory: PlatformDirectory) -> None:
    assert directory.log_in("ada", ADA.fingerprint) == ADA
    assert directory.log_in("bob", ADA.fingerprint) is None
    assert directory.log_in("ada", "SHA256:another") is None


def test_the_tree_holds_a_readme_and_the_open_releases(directory: PlatformDirectory) -> None:
    def names(*path: str) -> list[str] | None:
        nodes = directory.children(ADA, path)
        return None if nodes is None else [node.name for node in nodes]

    assert names() == ["README.txt", "training"]
    assert names("training") == ["a.txt", "manifest.json", "manifest.json.sig", "sub"]
    assert names("training", "sub") == ["b.bin"]
    for path in (("later",), ("training", "a.txt"), ("training", "nothing"), ("..",)):
        assert names(*path) is None


def test_files_that_no_manifest_names_do_not_exist(
    directory: PlatformDirectory, folder: Path
) -> None:
    (folder / "added.txt").write_text("later")

    assert directory.node(ADA, ("training", "added.txt")) is None
    for path in (("training", "added.txt"), ("later", "secret.txt"), ("training",), ()):
        with pytest.raises(FileNotFoundError):
            directory.open(ADA, path)


def test_what_was_read_is_noted_with_bytes_and_completeness(
    directory: PlatformDirectory, platform: Platform, noon: datetime
) -> None:
    whole = directory.open(ADA, ("training", "a.txt"))
    assert whole.read(1, 3) == b"ell"
    whole.close(5, complete=True)
    part = directory.open(ADA, ("training", "sub", "b.bin"))
    part.close(10, complete=False)
    open_still = directory.open(ADA, ("README.txt",))

    found = [
        (access.release, access.path, access.size_bytes, access.sent_bytes, access.complete)
        for access in list_accesses(platform.database)
    ]

    assert found[1:] == [
        ("training", "sub/b.bin", 1000, 10, False),
        ("training", "a.txt", 5, 5, True),
    ]
    assert found[0][:2] == ("", "README.txt")
    assert found[0][3:] == (0, False)
    assert list_accesses(platform.database, username="bob") == []
    assert len(list_accesses(platform.database, release="training")) == 2
    assert list_accesses(platform.database)[0].opened_at == noon
    open_still.close(0, complete=False)
    assert verify(platform.database).rows == 3


def test_who_was_revoked_is_refused_at_every_question(
    directory: PlatformDirectory, platform: Platform
) -> None:
    with platform.database.write() as connection:
        connection.execute(update(profiles).values(status="revoked"))

    assert not directory.is_admitted(ADA)
    for ask in (directory.node, directory.children, directory.open):
        with pytest.raises(PermissionError):
            ask(ADA, ())


def test_without_the_key_the_login_is_void(
    directory: PlatformDirectory, platform: Platform
) -> None:
    with platform.database.write() as connection:
        connection.execute(delete(ssh_keys))

    assert not directory.is_admitted(ADA)


def test_a_file_that_changed_after_signing_is_not_served(
    directory: PlatformDirectory, folder: Path, platform: Platform
) -> None:
    (folder / "a.txt").write_bytes(b"longer than before")

    with pytest.raises(OSError, match="not the file that its manifest was made of"):
        directory.open(ADA, ("training", "a.txt"))

    assert list_accesses(platform.database) == []


def test_a_link_put_in_a_files_place_is_not_followed(
    directory: PlatformDirectory, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "five!").write_bytes(b"12345")
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(tmp_path / "five!")

    with pytest.raises(OSError, match="Too many levels"):
        directory.open(ADA, ("training", "a.txt"))


def test_a_new_manifest_is_seen_without_a_restart(
    directory: PlatformDirectory, folder: Path, make_platform: Callable[..., Platform]
) -> None:
    assert directory.children(ADA, ("training",)) is not None
    (folder / "added.txt").write_text("now")
    newer = make_platform(version="1.1.0")
    ensure_manifest(newer, newer.challenge.release("training"))

    assert directory.node(ADA, ("training", "added.txt")) is not None


def test_a_release_without_a_manifest_is_not_shown(platform: Platform, noon: datetime) -> None:
    row = {
        "person_id": 1, "fingerprint": ADA.fingerprint, "public_key": "-", "label": "-",
        "created_at": noon,
    }  # fmt: skip
    with platform.database.write() as connection:
        connection.execute(insert(ssh_keys).values(row))
    directory = PlatformDirectory(platform)

    nodes = directory.children(ADA, ())

    assert nodes is not None
    assert [node.name for node in nodes] == ["README.txt"]


def test_the_readme_says_what_is_open_and_how_to_verify(
    directory: PlatformDirectory, platform: Platform
) -> None:
    opened = directory.open(ADA, ("README.txt",))
    text = opened.read(0, 10_000).decode()
    opened.close(len(text), complete=True)

    assert "/training/  Training set, 1.0.0, CC-BY-4.0" in text
    assert "Later set opens 2027-06-20T00:00:00Z" in text
    assert (platform.state.keys / "receipts.pub").read_text().strip() in text
    assert opened.node.size_bytes == len(text.encode())


def test_a_later_moment_opens_the_next_release(
    directory: PlatformDirectory, platform: Platform, noon: datetime
) -> None:
    assert directory.node(ADA, ("later",)) is None
    tomorrow = PlatformDirectory(replace(platform, clock=lambda: noon + timedelta(days=10)))

    assert tomorrow.node(ADA, ("later", "secret.txt")) is not None
