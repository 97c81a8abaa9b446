"""What a team reads of a submission that a correction left without a result."""

from pathlib import Path

from sqlalchemy import update

from blueprint.database.schema import evaluation_sets, evaluations, submissions
from blueprint.evaluate.runner import Worker
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.ledger.submissions import get
from blueprint.publish.places import place_of
from tests.corrections import queue_rework
from tests.integration.evaluation.bench import GOOD, NOW, Bench, make_platform


def test_a_result_that_counts_no_more_is_not_promised_a_place(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    bench = Bench(platform, ProcessSandbox(), Worker("w1"), tmp_path)
    number = bench.push({"predict.py": GOOD})
    queue_rework(platform.database, get(platform.database, number), NOW)
    with platform.database.write() as connection:
        connection.execute(update(submissions).values(state="published"))
        connection.execute(update(evaluations).values(
            state="done", recorded_at=NOW, run_s=1.0, score_s=1.0, means=[]
        ))  # fmt: skip
        connection.execute(update(evaluation_sets).values(state="in-force"))
    submission = get(platform.database, number)
    assert place_of(platform, submission, NOW) == "It joins the board when the site is made next."

    with platform.database.write() as connection:
        connection.execute(update(evaluation_sets).values(state="retired"))

    assert place_of(platform, submission, NOW).startswith("It is not on the board: the organizers")
    platform.database.close()
