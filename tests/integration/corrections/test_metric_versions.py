"""A program whose metrics count another way scores nothing beside the results of the one before."""

from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.corrections.freeze import freeze
from blueprint.corrections.survey import survey
from blueprint.evaluate.runner import Worker
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.metrics import specs
from blueprint.serve.ledger_desk import LedgerDesk
from cli.data_states import data_lines
from tests.integration.evaluation.bench import GOOD, Bench, make_platform


def test_submissions_wait_while_a_metric_counts_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = make_platform(tmp_path)
    freeze(platform, platform.challenge)
    bench = Bench(platform, ProcessSandbox(), Worker("w1"), tmp_path)
    number = bench.push({"predict.py": GOOD})
    desk = LedgerDesk(platform)

    with monkeypatch.context() as upgraded:
        later = tuple(
            replace(spec, revision=spec.revision + (spec.id == "dice")) for spec in specs.SPECS
        )
        upgraded.setattr(specs, "SPECS", later)

        assert desk.lease("w1", None) is None
        (state,) = survey(platform, platform.challenge)
        assert state.is_held
        assert state.waiting == (number,)
        told = "\n".join(data_lines([state]))
        assert "tissue/public: a metric counts another way" in told
        assert "tasks.tissue.functions.dice: 1 -> 2" in told
        # Nothing hangs on the old way here: a deploy takes the new one.
        freeze(platform, platform.challenge)
        assert desk.lease("w1", None) is not None
    platform.database.close()
