"""Corrections on the real evaluator: what is scored again, what must run again, what stays."""

import shutil
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from blueprint.config.schedule import Status
from blueprint.corrections.difference import difference_of
from blueprint.corrections.freeze import freeze
from blueprint.corrections.plan import Correction, Selection, begin, plan_corrections
from blueprint.corrections.release import pending, publish
from blueprint.corrections.survey import survey
from blueprint.database.schema import attempts, evaluation_sets, evaluations, events
from blueprint.errors import ConflictError, InputError
from blueprint.evaluate.again import LOST
from blueprint.evaluations.sets import change_rules
from blueprint.ledger.history import result_of, scores_of
from blueprint.ledger.holds import NOTE
from blueprint.ledger.submissions import get
from blueprint.publish.site import read_boards
from tests.integration.evaluation.bench import GOOD, Bench, labels_of, nifti

MASK: dict[str, str | bytes] = {
    f"predictions/case-0{n}/mask.nii.gz": nifti(labels_of(n)) for n in (1, 2, 3)
}


@pytest.fixture
def frozen(bench: Bench) -> Bench:
    """A bench whose data were put in force, with one scored submission of predictions."""
    freeze(bench.platform, bench.platform.challenge)
    assert bench.run(dict(MASK), "predictions").state == "scored"
    return bench


def reference(bench: Bench, number: int) -> bytes:
    return (bench.platform.project / f"test/reference/case-0{number}/mask.nii.gz").read_bytes()


def write(bench: Bench, path: str, content: bytes) -> None:
    file = bench.platform.project / "test" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def swap(bench: Bench) -> None:
    """Give case 1 the reference of case 3: grey of 78 voxels becomes grey of 114 around it."""
    write(bench, "reference/case-01/mask.nii.gz", reference(bench, 3))


def plan(bench: Bench, **chosen: int) -> Correction:
    (found,) = plan_corrections(bench.platform, Selection(**chosen))  # type: ignore[arg-type]
    return found


def needs(correction: Correction) -> dict[int, str]:
    return {piece.submission: piece.need for piece in correction.pieces}


def work(bench: Bench) -> int:
    """Let the worker do all that waits; return how many pieces there were."""
    done = 0
    while bench.run_next():
        done += 1
    return done


def row(bench: Bench, number: int, state: str) -> dict[str, object]:
    found = select(evaluations).where(
        evaluations.c.submission_id == number, evaluations.c.state == state
    )
    with bench.platform.database.read() as connection:
        return dict(connection.execute(found.order_by(evaluations.c.id.desc())).mappings().one())


def dice(bench: Bench, number: int) -> dict[str, float]:
    rows = scores_of(bench.platform.database, number)
    return {one.case_id: one.value for one in rows if (one.metric, one.region) == ("dice", "1")}


def test_nothing_is_evaluated_on_other_data_and_no_attempt_is_counted(frozen: Bench) -> None:
    old = reference(frozen, 1)
    swap(frozen)
    number = frozen.push({**MASK, "note": b"second"}, "predictions")

    assert frozen.run_next()

    held = get(frozen.platform.database, number)
    assert (held.state, held.attempt, held.note) == ("received", 0, NOTE)
    assert "fault" not in held.note
    assert not frozen.run_next(), "it is not asked for again at once"
    with frozen.platform.database.read() as connection:
        tried = select(attempts).where(attempts.c.submission_id == number)
        assert connection.execute(tried).first() is None
        told = select(events.c.note).where(events.c.submission_id == number)
        assert connection.execute(told).scalars().all().count(NOTE) == 1
    write(frozen, "reference/case-01/mask.nii.gz", old)
    frozen.later(60)
    assert frozen.run_next()
    assert get(frozen.platform.database, number).state == "scored"


def test_a_file_touched_while_a_submission_is_evaluated_is_noticed(frozen: Bench) -> None:
    file = frozen.platform.project / "test/reference/case-02/mask.nii.gz"
    spoiler = GOOD + "import time; time.sleep(1)\n"
    number = frozen.push({"predict.py": spoiler, "submission.yaml": "version: 1\n"})

    def touch() -> None:
        until = time.monotonic() + 60
        while get(frozen.platform.database, number).state != "predicting":
            assert time.monotonic() < until
            time.sleep(0.02)
        file.write_bytes(file.read_bytes())

    toucher = threading.Thread(target=touch)
    toucher.start()
    assert frozen.run_next()
    toucher.join()

    held = get(frozen.platform.database, number)
    assert (held.state, held.note) == ("received", NOTE)
    assert result_of(frozen.platform.database, number) is None


def test_a_corrected_reference_needs_no_runs(frozen: Bench) -> None:
    swap(frozen)
    correction = plan(frozen)

    assert [str(change) for change in correction.changes] == [
        "reference/case-01/mask.nii.gz: changed (now what case-03 had)"
    ]
    assert needs(correction) == {1: "rescore"}
    begin(frozen.platform, correction, by="test", rejudge=False)
    assert work(frozen) == 1
    assert dice(frozen, 1) == {"case-01": 1.0, "case-02": 1.0, "case-03": 1.0}
    assert get(frozen.platform.database, 1).attempt == 1, "no attempt of the submission"

    publish(frozen.platform, reason="It was wrong.", by="test")

    # Case 1: 5 x 6 x 3 = 90 voxels less 12 white ones predicted, 7 x 6 x 3 = 126 less 12 there.
    assert dice(frozen, 1) == {
        "case-01": 2 * 78 / (78 + 114), "case-02": 1.0, "case-03": 1.0,
    }  # fmt: skip
    found = result_of(frozen.platform.database, 1)
    assert found is not None
    assert (found.kind, found.reason) == ("rescore", "It was wrong.")


def test_a_changed_input_and_a_new_case_need_runs(bench: Bench) -> None:
    freeze(bench.platform, bench.platform.challenge)
    assert bench.run_program(GOOD).state == "scored"
    labels = labels_of(2)
    write(bench, "inputs/case-04/t1.nii.gz", nifti(labels.astype("i2") * 100))
    write(bench, "reference/case-04/mask.nii.gz", nifti(labels))

    correction = plan(bench)
    assert needs(correction) == {1: "rejudge"}
    assert "case-04" in correction.pieces[0].why
    begin(bench.platform, correction, by="test", rejudge=False)
    assert work(bench) == 0, "rescore runs nobody's code"
    with pytest.raises(InputError, match="1 submissions are not scored again"):
        publish(bench.platform, reason="A case more.", by="test")

    begin(bench.platform, plan(bench), by="test", rejudge=True)
    assert work(bench) == 1
    before = sorted((bench.platform.state.predictions / "1").rglob("*.nii.gz"))
    assert len(before) == 3, "what is in force keeps its predictions"
    publish(bench.platform, reason="A case more.", by="test")

    assert dice(bench, 1) == {f"case-0{n}": 1.0 for n in (1, 2, 3, 4)}
    assert get(bench.platform.database, 1).state == "scored"


def test_new_submissions_come_before_a_rejudge(bench: Bench) -> None:
    freeze(bench.platform, bench.platform.challenge)
    assert bench.run_program(GOOD).state == "scored"
    bench.edit_task(metrics=[{"id": "dice"}])
    begin(bench.platform, plan(bench), by="test", rejudge=True)
    second = bench.push(dict(MASK), "predictions")

    assert bench.run_next()
    assert get(bench.platform.database, second).state == "scored"
    assert row(bench, 1, "waiting")["kind"] == "rescore"
    # The second was scored by the settings in force, so the correction has to take it in too.
    assert work(bench) == 1
    with pytest.raises(InputError, match="1 submissions are not scored again"):
        publish(bench.platform, reason="Fewer metrics.", by="test")
    begin(bench.platform, plan(bench), by="test", rejudge=False)
    assert work(bench) == 1
    publish(bench.platform, reason="Fewer metrics.", by="test")
    assert {one.metric for one in scores_of(bench.platform.database, second)} == {"dice"}


@pytest.mark.parametrize("kind", ["lost", "damaged"])
def test_kept_predictions_that_are_not_there_are_named_and_made_again(
    frozen: Bench, kind: str
) -> None:
    file = frozen.platform.state.predictions / "1/case-02/mask.nii.gz"
    if kind == "lost":
        file.unlink()
    else:
        file.write_bytes(nifti(labels_of(1)))
    swap(frozen)

    begin(frozen.platform, plan(frozen), by="test", rejudge=False)
    work(frozen)

    correction = plan(frozen)
    assert needs(correction) == {1: "rejudge"}
    assert "case-02" in correction.pieces[0].why
    if kind == "damaged":
        assert row(frozen, 1, "failed")["fault_code"] == LOST
    begin(frozen.platform, correction, by="test", rejudge=True)
    assert work(frozen) == 1
    publish(frozen.platform, reason="It was wrong.", by="test")
    assert dice(frozen, 1)["case-02"] == 1.0


def test_results_of_before_are_adopted_and_made_sure_of(bench: Bench) -> None:
    assert bench.run(dict(MASK), "predictions").state == "scored"
    assert row(bench, 1, "done")["dataset_digest"] is None
    swap(bench)  # after it was scored, and before anything was frozen: nobody can know

    (state,) = freeze(bench.platform, bench.platform.challenge)

    assert (state.condition, state.adopted) == ("in force", 1)
    assert dice(bench, 1)["case-01"] == 1.0, "as it was shown before"
    correction = plan(bench)
    assert (correction.changes, correction.settings) == ((), ())
    begin(bench.platform, correction, by="test", rejudge=False)
    assert work(bench) == 1
    with bench.platform.database.read() as connection:
        (one,) = pending(bench.platform)
        (phase,) = difference_of(connection, bench.platform.challenge, one.correction)
    (team,) = phase.teams
    assert {value.case for value in team.cases} == {"case-01"}
    publish(bench.platform, reason="Made sure of.", by="test")
    assert dice(bench, 1)["case-01"] == 2 * 78 / (78 + 114)
    (state,) = survey(bench.platform, bench.platform.challenge)
    assert (state.condition, state.adopted) == ("in force", 0)


def test_a_program_that_fails_on_the_new_data_keeps_its_place_until_it_is_named(
    bench: Bench,
) -> None:
    freeze(bench.platform, bench.platform.challenge)
    program = GOOD.replace("    image =", "    assert case['id'] != 'case-04'\n    image =")
    assert bench.run_program(program).state == "scored"
    write(bench, "inputs/case-04/t1.nii.gz", nifti(labels_of(2).astype("i2") * 100))
    write(bench, "reference/case-04/mask.nii.gz", nifti(labels_of(2)))
    begin(bench.platform, plan(bench), by="test", rejudge=True)
    assert work(bench) == 1

    with pytest.raises(InputError, match="submission 1 could not be evaluated again") as refused:
        publish(bench.platform, reason="A case more.", by="test")
    assert "--without 1" in str(refused.value.hint)
    assert set(dice(bench, 1)) == {"case-01", "case-02", "case-03"}

    publish(bench.platform, reason="A case more.", by="test", without=[1])
    assert dice(bench, 1) == {}


def test_removed_cases_need_no_runs(frozen: Bench) -> None:
    for part in ("inputs", "reference"):
        shutil.rmtree(frozen.platform.project / "test" / part / "case-03")

    assert needs(plan(frozen)) == {1: "rescore"}
    begin(frozen.platform, plan(frozen), by="test", rejudge=False)
    assert work(frozen) == 1
    publish(frozen.platform, reason="A case less.", by="test")
    assert set(dice(frozen, 1)) == {"case-01", "case-02"}


def test_what_somebody_else_changed_meanwhile_is_not_published_unseen(frozen):
    swap(frozen)
    begin(frozen.platform, plan(frozen), by="anna", rejudge=False)
    assert work(frozen) == 1
    in_force = result_of(frozen.platform.database, 1)
    platform = frozen.platform

    def clock_at_which_ben_changes_the_rules():
        # `publish` looks at the time after it read what would change, and before it writes.
        (mine,) = (one.correction for one in pending(platform))
        with platform.database.write("sets") as connection:
            change_rules(connection, mine.id, {**mine.terms.rules, "ranking": "mean-of-ranks"})
        return platform.clock()

    slow = replace(platform, clock=clock_at_which_ben_changes_the_rules)
    with pytest.raises(ConflictError, match="nothing was published"):
        publish(slow, reason="Two references were swapped", by="anna")

    assert result_of(platform.database, 1) == in_force
    assert [one.correction.state for one in pending(platform)] == ["pending"]


WORSE = {**MASK, "predictions/case-01/mask.nii.gz": nifti(labels_of(3))}


def board(bench: Bench) -> list[int]:
    """Return which submissions the board of the first phase ranks."""
    platform = bench.platform
    statuses: dict[str, Status] = dict.fromkeys(("first",), "open")
    (first,) = read_boards(platform, statuses, platform.clock())
    return [row.submission for row in first.standings]


def condition(bench: Bench) -> tuple[str, tuple[str, ...]]:
    (found,) = survey(bench.platform, bench.platform.challenge)
    return found.condition, found.settings


def test_which_submission_a_board_ranks_changes_by_a_published_correction(frozen: Bench) -> None:
    frozen.run(dict(WORSE), "predictions")
    assert board(frozen) == [1]  # the best
    frozen.edit_phases({"board": {"show": "latest"}})

    freeze(frozen.platform, frozen.platform.challenge)

    assert board(frozen) == [1]
    assert condition(frozen) == (
        "settings changed", ("phases.first.board.show: best -> latest",),
    )  # fmt: skip
    correction = plan(frozen)
    assert needs(correction) == {1: "done", 2: "done"}
    begin(frozen.platform, correction, by="anna", rejudge=False)
    assert board(frozen) == [1]
    publish(frozen.platform, reason="The latest one counts", by="anna")
    assert board(frozen) == [2]
    assert condition(frozen) == ("in force", ())


def test_what_a_new_phase_shows_is_no_change_of_what_is_in_force(frozen: Bench) -> None:
    frozen.edit_phases({}, {"id": "second", "board": {"show": "latest"}})

    assert condition(frozen) == ("in force", ())
    freeze(frozen.platform, frozen.platform.challenge)
    # It has no result yet, so an edit is in force with the next deploy.
    frozen.edit_phases({}, {"id": "second", "board": {"show": "all"}})
    freeze(frozen.platform, frozen.platform.challenge)

    assert condition(frozen) == ("in force", ())
    frozen.edit_phases({})  # and taken away again
    assert condition(frozen) == ("in force", ())


def test_rules_frozen_before_boards_were_take_what_is_shown_now(frozen: Bench) -> None:
    """A set of an earlier version says nothing of boards: the next deploy adds it."""
    with frozen.platform.database.write() as connection:
        (rules,) = connection.execute(select(evaluation_sets.c.rules)).scalars()
        rules.pop("boards")
        connection.execute(update(evaluation_sets).values(rules=rules))
    assert condition(frozen) == ("in force", ())
    freeze(frozen.platform, frozen.platform.challenge)

    frozen.edit_phases({"board": {"show": "latest"}})

    assert condition(frozen)[0] == "settings changed"
