"""Where the challenges of these tests are written."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, as bundles are rendered once."""
    return tmp_path_factory.mktemp("challenges")
