"""A command works on corrections where no platform runs: on nothing else, and alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from blueprint.corrections.work import work_here
from blueprint.desk.ticket import Hold
from blueprint.evaluate.runner import Worker
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.ledger.rework import Fit, acquire_rework, rework_held_until
from blueprint.ledger.submissions import get
from blueprint.serve.ledger_desk import LedgerDesk
from tests.corrections import queue_rework
from tests.integration.evaluation.bench import GOOD, NOW, Bench, make_platform


def nobody() -> bool:
    return False


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    platform = make_platform(tmp_path)
    yield Bench(platform, ProcessSandbox(), Worker("w1"), tmp_path)
    platform.database.close()


def test_submissions_that_wait_are_left_to_the_platform(bench: Bench) -> None:
    number = bench.push({"predict.py": GOOD})

    with work_here(
        bench.platform, bench.engine, is_platform_up=lambda: False, rejudges=True
    ) as step:
        assert not step()

    found = get(bench.platform.database, number)
    assert (found.state, found.attempt) == ("received", 0)


def test_of_two_commands_one_works_and_the_other_takes_nothing_from_it(bench: Bench) -> None:
    platform = bench.platform
    submission = get(platform.database, bench.push({"predict.py": GOOD}))

    with work_here(platform, bench.engine, is_platform_up=nobody, rejudges=True) as step:
        assert not step()
        queue_rework(platform.database, submission, NOW)
        under_way = acquire_rework(platform.database, "command", NOW, Fit([submission.phase]))
        assert under_way is not None

        with work_here(
            platform, bench.engine, is_platform_up=lambda: False, rejudges=True
        ) as other:
            assert not other()

        held = Hold(
            "rescore", submission.id, under_way.token, under_way.attempt, "command",
            under_way.nonce,
        )  # fmt: skip
        assert rework_held_until(platform.database, held) == under_way.until


def test_a_rescore_runs_nobodys_code_whatever_else_waits(bench: Bench) -> None:
    platform = bench.platform
    submission = get(platform.database, bench.push({"predict.py": GOOD}))
    queue_rework(platform.database, submission, NOW, kind="rejudge")

    with work_here(platform, bench.engine, is_platform_up=lambda: False, rejudges=False) as rescore:
        assert not rescore()

    reach = Fit([submission.phase])
    assert acquire_rework(platform.database, "another", NOW, reach) is not None


def test_predictions_on_this_disk_are_no_work_for_evaluation_hosts(bench: Bench) -> None:
    platform = bench.platform
    submission = get(platform.database, bench.push({"predict.py": GOOD}))
    queue_rework(platform.database, submission, NOW, host="embedded")

    assert LedgerDesk(platform, to_hosts=True).lease("gpu-1/1", None) is not None  # to be judged
    assert LedgerDesk(platform, to_hosts=True).lease("gpu-2/1", None) is None

    reach = Fit([submission.phase])
    taken = acquire_rework(platform.database, "command", NOW, reach)
    assert taken is not None
    assert taken.kind == "rescore"
