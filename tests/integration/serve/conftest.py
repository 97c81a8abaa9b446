"""A running platform."""

from collections.abc import Iterator

import pytest

from tests.integration.serve.served import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One platform for all tests that leave it running."""
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running
