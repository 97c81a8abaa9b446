"""Removing what a hostile program left: no shape of folders may stay or stop the platform."""

import os

import pytest

from blueprint.evaluate.removal import remove_tree


def dig(name: str, depth: int) -> None:
    for _ in range(depth):
        os.mkdir(name)  # noqa: PTH102 - the path from the root is longer than any may be
        os.chdir(name)


@pytest.mark.parametrize(("name", "depth"), [("d", 1500), ("n" * 250, 20)])
def test_folders_nested_without_end_are_removed(tmp_path, monkeypatch, name, depth):
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.chdir(folder)
    dig(name, depth)
    with open("file", "w", encoding="utf-8"):  # noqa: PTH123
        os.chdir(tmp_path)

    remove_tree(folder)

    assert not folder.exists()


def test_closed_folders_are_removed_and_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    (tmp_path / "run" / "closed" / "inner").mkdir(parents=True)
    (tmp_path / "run" / "link").symlink_to(outside)
    (tmp_path / "run" / "closed" / "link").symlink_to(outside)
    for path in (tmp_path / "run" / "closed" / "inner", tmp_path / "run" / "closed"):
        path.chmod(0)

    remove_tree(tmp_path / "run")

    assert not (tmp_path / "run").exists()
    assert outside.stat().st_mode & 0o777 == 0o500


def test_missing_folder_is_no_error(tmp_path):
    remove_tree(tmp_path / "missing")
