"""Fixtures that every room's tests share."""

import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

STARTER = Path(__file__).resolve().parents[1] / "blueprint" / "scaffold" / "brain_tissue"


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Give ports that were free a moment ago, each one once."""
    given: set[int] = set()

    def one() -> int:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if port not in given:
                given.add(port)
                return port

    return one


@pytest.fixture
def noon() -> datetime:
    """A fixed moment, so that no test depends on today's date."""
    return datetime(2027, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def starter_folder(tmp_path: Path) -> Path:
    """A folder with the starter's data and pages, without challenge.yaml."""
    folder = tmp_path / "challenge"
    folder.mkdir()
    for part in ("data", "pages"):
        shutil.copytree(STARTER / part, folder / part)
    return folder
