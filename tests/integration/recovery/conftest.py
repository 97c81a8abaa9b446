"""A platform deployed in earnest, teams that push to it, and ways to stop it at a chosen moment."""

import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blueprint.config.scaffold import Answers, render_challenge_yaml
from blueprint.resources import package_folder
from tests.integration.recovery.deployment import Deployment
from tests.integration.recovery.observed import CASES
from tests.integration.recovery.processes import wait_until
from tests.postgres_server import PostgresServer


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try everything on either database."""
    if "shared" in metafunc.fixturenames:
        kinds = ["sqlite", "postgresql"]
        metafunc.parametrize("shared", kinds, indirect=True, scope="session")


def make_project(folder: Path, temp: Path) -> Deployment:
    """Write a challenge with a few cases, which nobody has deployed yet."""
    for part in ("data", "pages"):
        shutil.copytree(package_folder() / "scaffold" / "brain_tissue" / part, folder / part)
    for case in sorted((folder / "data/test-public").glob("*/public-*")):
        if int(case.name[-2:]) > CASES:
            shutil.rmtree(case)
    with ExitStack() as probes:
        taken = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        http, sftp = (int(probe.getsockname()[1]) for probe in taken)
    answers = Answers("brain-tissue", "Brain tissue", "us@example.org", http=http, sftp=sftp)
    text = render_challenge_yaml(answers, datetime.now(UTC))
    (folder / "challenge.yaml").write_text(text)
    return Deployment(folder, http, sftp, temp)


@contextmanager
def project(parent: Path, address: str | None = None) -> Iterator[Deployment]:
    """Give a project, and take away what is left of it.

    Its database is the one at `address`, or a file.
    """
    # Short: a socket's path has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="dc-") as temp:
        made = make_project(parent / "project", Path(temp))
        if address is not None:
            made.state.keys.mkdir(parents=True, mode=0o700)
            made.state.database_address.write_text(f"{address}\n")
        try:
            yield made
        finally:
            if made.cli("destroy", "--yes").returncode == 1:
                made.kill(power_cut=True)  # it hangs: a test that failed must leave nothing behind


@pytest.fixture(scope="session")
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    address = None
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        address = server.url(server.create())
    with project(tmp_path_factory.mktemp("recovery"), address) as made:
        yield made


@pytest.fixture
def deployment(shared: Deployment) -> Deployment:
    """A running platform, which the tests share; each brings its own team."""
    if not shared.is_running():
        shared.deploy()
    return shared


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Deployment]:
    """A project that was never deployed."""
    with project(tmp_path) as made:
        yield made


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    return wait_until
