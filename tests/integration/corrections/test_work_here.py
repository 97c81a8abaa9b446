"""A command works on corrections where no platform runs: on nothing else, and alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from blueprint.corrections.work import work_here
from blueprint.desk.ticket import Hold
from blueprint.evaluate.runner import Worker
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.ledger.rework import acquire_rework, rework_held_until
from blueprint.ledger.submissions import get
from tests.corrections import queue_rework
from tests.integration.evaluation.bench import GOOD, NOW, Bench, make_platform


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    platform = make_platform(tmp_path)
    yield Bench(platform, ProcessSandbox(), Worker("w1"), tmp_path)
    platform.database.close()


def test_submissions_that_wait_are_left_to_the_platform(bench: Bench) -> None:
    number = bench.push({"predict.py": GOOD})

    with work_here(bench.platform, bench.engine, is_done_elsewhere=lambda: False) as step:
        assert not step()

    found = get(bench.platform.database, number)
    assert (found.state, found.attempt) == ("received", 0)


def test_of_two_commands_one_works_and_the_other_takes_nothing_from_it(bench: Bench) -> None:
    platform = bench.platform
    submission = get(platform.database, bench.push({"predict.py": GOOD}))

    with work_here(platform, bench.engine, is_done_elsewhere=lambda: False) as step:
        assert not step()
        queue_rework(platform.database, submission, NOW)
        under_way = acquire_rework(platform.database, "command", NOW, [submission.phase])
        assert under_way is not None

        with work_here(platform, bench.engine, is_done_elsewhere=lambda: False) as other:
            assert not other()

        held = Hold(
            "rescore", submission.id, under_way.token, under_way.attempt, "command",
            under_way.nonce,
        )  # fmt: skip
        assert rework_held_until(platform.database, held) == under_way.until
