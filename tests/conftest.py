"""Fixtures that every room's tests share."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blueprint.database.opening import open_database
from tests.postgres_server import PostgresServer

STARTER = Path(__file__).resolve().parents[1] / "blueprint" / "scaffold" / "brain_tissue"


@pytest.fixture(autouse=True, scope="session")
def _cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests find out about data away from the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server, started for the first test that asks for it."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a database with the platform's tables and nothing in them."""
    name = postgres.create()
    with closing(open_database(postgres.url(name))) as database:
        database.ensure_schema()
    return name


@pytest.fixture
def new_database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Path | str]]:
    """Make a database with the platform's tables, `sqlite` or `postgresql`; return where it is."""
    with ExitStack() as dropped:

        def make(kind: str) -> Path | str:
            if kind == "sqlite":
                with closing(open_database(tmp_path / "platform.db")) as database:
                    database.ensure_schema()
                return tmp_path / "platform.db"
            server: PostgresServer = request.getfixturevalue("postgres")
            name = server.create(request.getfixturevalue("postgres_template"))
            dropped.callback(server.drop, name)
            return server.url(name)

        yield make


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, new_database: Callable[[str], Path | str]) -> Path | str:
    """Where a new database with the platform's tables is: once a file, once on a server."""
    return new_database(request.param)
