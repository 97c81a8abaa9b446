"""Benches over the real sandbox."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blueprint.evaluate.runner import Worker
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from tests.integration.evaluation.bench import Bench, make_platform


@pytest.fixture(scope="module")
def engine() -> ProcessSandbox:
    sandbox = ProcessSandbox()
    if not sandbox.probe().works:
        pytest.skip(f"no sandbox on this machine: {sandbox.probe().advice}")
    return sandbox


@pytest.fixture
def make_bench(tmp_path: Path, engine: ProcessSandbox) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        bench = Bench(make_platform(tmp_path, **settings), engine, Worker("w1"), tmp_path)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.worker.close()
        bench.platform.database.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()
