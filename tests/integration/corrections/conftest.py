"""A deployed challenge whose data an organizer corrects."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.corrections.project import Project, make_project


@contextmanager
def deployed(folder: Path) -> Iterator[Project]:
    """Give a deployed challenge, and take away what is left of it."""
    # Short: a socket's path has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="dc-") as temp:
        made = make_project(folder, Path(temp))
        try:
            assert made.deploy() == "started"
            yield made
        finally:
            if made.cli("destroy", "--yes").returncode == 1:
                made.kill(power_cut=True)  # a test that failed must leave nothing behind


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with deployed(tmp_path / "project") as made:
        yield made
