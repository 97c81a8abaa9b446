"""A platform with people in it, and each door that follows their access."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blueprint.platform import Platform
from tests.integration.access.doors import Door, GitDoor, KeysDoor, PortalDoor, SftpDoor
from tests.integration.sftp import conftest as sftp

platform = sftp.platform
keys = sftp.keys


@pytest.fixture(params=["git", "sftp", "authorized keys", "portal"])
def door(request: Any, platform: Platform, keys: dict[str, Path], tmp_path: Path) -> Iterator[Door]:
    """Each door once."""
    made: Door
    if request.param == "git":
        made = GitDoor(platform)
    elif request.param == "sftp":
        made = SftpDoor(platform, keys["ada"])
    elif request.param == "portal":
        made = PortalDoor(platform)
    else:
        made = KeysDoor(platform, tmp_path / "authorized_keys")
    yield made
    made.close()
