"""The real servers as fixtures: each runs once a session and begins empty."""

from collections.abc import Iterator

import pytest

from tests.stack.bench import object_stores, progress
from tests.stack.bench.engine import Engine, run_engine
from tests.stack.bench.gitea import GiteaServer, run_gitea
from tests.stack.bench.hosts import Host, run_hosts
from tests.stack.bench.keycloak import KeycloakServer, run_keycloak
from tests.stack.bench.object_stores import ObjectStore
from tests.stack.bench.pebble import AcmeServer, run_pebble
from tests.stack.bench.running import free_ports


def pytest_configure(config: pytest.Config) -> None:
    """Show the bench's progress, although pytest keeps what tests print."""
    capture = config.pluginmanager.getplugin("capturemanager")

    def tell(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{line}", end="", flush=True)  # noqa: T201 - progress is for people

    if capture is not None:
        progress.listen(tell)


@pytest.fixture(scope="session")
def minio_server() -> Iterator[ObjectStore]:
    """MinIO, with users, policies and quotas by `MinioAdmin`."""
    with object_stores.run_minio() as store:
        yield store


@pytest.fixture(scope="session")
def versity_server() -> Iterator[ObjectStore]:
    """Versity Gateway: S3 without MinIO's admin API."""
    with object_stores.run_versitygw() as store:
        yield store


@pytest.fixture(scope="session")
def gitea_server() -> Iterator[GiteaServer]:
    """Gitea with one administrator, on SQLite, with its own SSH server."""
    with run_gitea() as server:
        yield server


@pytest.fixture(scope="session")
def keycloak_server() -> Iterator[KeycloakServer]:
    """Keycloak with an administrator and a service account in realm master."""
    with run_keycloak() as server:
        yield server


@pytest.fixture(scope="session")
def acme_server() -> Iterator[AcmeServer]:
    """Pebble without external accounts; every name is 127.0.0.1, where HTTP-01 has a free port."""
    (http_port,) = free_ports(1)
    with run_pebble(http_port=http_port) as server:
        yield server


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The bench's own Docker engine; its images stay for the next time."""
    with run_engine() as one:
        yield one


@pytest.fixture(scope="session")
def hosts(engine: Engine) -> Iterator[tuple[Host, Host]]:
    """A public host and one for evaluation, with an engine each."""
    with run_hosts(engine) as (public, evaluation):
        yield public, evaluation
