"""Submissions go from `received` to `scored`: real ledger, real repositories, real sandbox."""

import math
from collections.abc import Callable

from blueprint.ledger import history, leases
from blueprint.ledger.outcomes import Mean
from tests.integration.evaluation.bench import GOOD, NOW, Bench, labels_of, nifti

PERFECT = ((("dice", "1"), 1.0), (("dice", "2"), 1.0), (("hd95", "mean"), 0.0))
SKIP_CASE_2 = "    if case['id'] == 'case-02': continue\n"


def test_a_perfect_program_gets_perfect_scores(bench: Bench) -> None:
    found = bench.run_program(GOOD)

    assert found.state == "scored", found.fault_message
    assert bench.states(found) == [
        "checked", "canary", "predicting", "predicted", "scoring", "scored",
    ]  # fmt: skip
    cases = ("case-01", "case-02", "case-03")
    assert bench.values(found) == {
        (case, *column): (value, "ok") for case in cases for column, value in PERFECT
    }
    result = history.result_of(bench.platform.database, found.id)
    assert result is not None
    assert result.means == tuple(Mean(*column, value) for column, value in PERFECT)
    assert result.run_s > 0
    assert result.score_s > 0


def test_nothing_is_left_but_the_validated_copies(bench: Bench) -> None:
    found = bench.run_program(GOOD)

    state = bench.platform.state
    assert not list(state.runs.iterdir())
    kept = state.predictions / str(found.id)
    assert sorted(str(p.relative_to(kept)) for p in kept.rglob("*") if p.is_file()) == [
        f"case-0{number}/mask.nii.gz" for number in (1, 2, 3)
    ]
    for path in state.inputs.rglob("*"):
        assert "mask" not in path.name
        assert "reference" not in path.name


def test_a_program_that_finds_one_label_scores_as_worked_out(bench: Bench) -> None:
    # Grey everywhere where the image is not 0: the white block becomes grey as well.
    found = bench.run_program(GOOD.replace("// 100", "> 0"))

    # Case 1: grey is 5 x 6 x 3 = 90 voxels less 2 x 2 x 3 = 12, so 78; found 90, shared 78.
    values = bench.values(found)
    assert values["case-01", "dice", "1"] == (2 * 78 / (78 + 90), "ok")
    assert values["case-01", "dice", "2"] == (0.0, "one-empty")
    assert values["case-01", "hd95", "mean"][1] == "one-empty"
    # White is missing: half of the mean is the diagonal, of 12 x 12 x 12 mm.
    assert values["case-01", "hd95", "mean"][0] >= math.hypot(12, 12, 12) / 2


def test_regions_and_every_metric_come_through_to_the_ledger(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(
        regions="{whole: [1, 2], white: [2]}",
        metrics="[{id: iou, labels: separate}, {id: dice},"
        " {id: hd95, definition: pooled, worst: diagonal}]",
    )

    # Grey wherever the image is not 0: the whole is found, nothing of it as white.
    values = bench.values(bench.run_program(GOOD.replace("// 100", "> 0")))

    half_mm = math.hypot(12, 12, 12) / 2
    for case in ("case-01", "case-02", "case-03"):
        assert values[case, "iou", "whole"] == (1.0, "ok")
        assert values[case, "iou", "white"] == (0.0, "one-empty")
        assert values[case, "dice", "mean"] == (0.5, "one-empty")
        assert values[case, "hd95", "mean"] == (half_mm, "one-empty")
    assert len(values) == 3 * 4


def test_a_missing_case_gets_the_worst_score_and_is_named(bench: Bench) -> None:
    found = bench.run_program(GOOD.replace("    image =", SKIP_CASE_2 + "    image ="))

    assert found.state == "scored", found.fault_message
    values = bench.values(found)
    assert values["case-02", "dice", "1"] == (0.0, "missing")
    assert values["case-02", "hd95", "mean"] == (math.hypot(12, 12, 12), "missing")
    assert values["case-01", "dice", "1"] == (1.0, "ok")
    notes = [event.note for event in history.events_of(bench.platform.database, found.id)]
    assert "2 of 3 cases have a prediction; missing, so with the worst score: case-02." in notes


def test_a_phase_without_a_trial_runs_once(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(canary=0)

    assert "canary" not in bench.states(bench.run_program(GOOD))


def test_nothing_waits_nothing_happens(bench: Bench) -> None:
    assert not bench.run_next()
    assert leases.acquire(bench.platform.database, "w", NOW) is None


def test_ignored_values_of_a_reference_count_nowhere(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(ignore="[9]")
    reference = labels_of(1)
    reference[2:4, 2:8, 1:4] = 9  # 36 of the grey voxels: nobody judges them
    file = bench.platform.project / "test/reference/case-01/mask.nii.gz"
    file.write_bytes(nifti(reference))

    found = bench.run_program(GOOD)

    # The program still marks these 36 as grey, and all else is as the reference has it.
    assert found.state == "scored", found.fault_message
    assert bench.values(found)["case-01", "dice", "1"] == (1.0, "ok")
    assert bench.values(found)["case-02", "dice", "1"] == (1.0, "ok")
