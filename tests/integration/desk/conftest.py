"""Every desk that there is, behind one fixture."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blueprint.desk.http_desk import HttpDesk
from blueprint.evaluate.runner import Worker
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.serve.ledger_desk import LedgerDesk
from tests.integration.desk.counter import Counter, Line, Served, client_of, over_http, served
from tests.integration.evaluation.bench import Bench, make_platform


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        platform = make_platform(tmp_path, **settings)
        made.append(Bench(platform, ProcessSandbox(), Worker("w1"), tmp_path))
        return made[-1]

    yield make
    for bench in made:
        bench.platform.database.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


@pytest.fixture(params=["in-process", "https"])
def counter(request: pytest.FixtureRequest, bench: Bench, tmp_path: Path) -> Iterator[Counter]:
    if request.param == "in-process":
        desk = LedgerDesk(bench.platform)
        yield Counter(desk, desk, bench)
    else:
        with over_http(bench, tmp_path) as made:
            yield made


@pytest.fixture
def api(bench: Bench, tmp_path: Path) -> Iterator[Served]:
    with served(bench, tmp_path / "spool") as made:
        yield made


@pytest.fixture
def line(api: Served) -> Iterator[Line]:
    made = Line(api.port)
    yield made
    made.close()


@pytest.fixture
def remote(api: Served, line: Line, tmp_path: Path) -> Iterator[Counter]:
    """A desk over HTTPS, through a line that can be cut."""
    with client_of(api, tmp_path / "certificates", port=line.port) as client:
        yield Counter(HttpDesk(client, patience_s=20), api.ledger, api.bench)
