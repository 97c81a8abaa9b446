"""Predictions that were pushed are scored; test data that is broken is the organizers' fault."""

import numpy as np

from tests.integration.evaluation.bench import GOOD, Bench, labels_of, nifti


def test_pushed_predictions_are_scored_without_a_run(bench: Bench) -> None:
    files: dict[str, str | bytes] = {
        f"predictions/case-0{number}/mask.nii.gz": nifti(labels_of(number)) for number in (1, 2, 3)
    }

    found = bench.run({**files, "submission.yaml": "version: 1\n"}, kind="predictions")

    assert found.state == "scored", found.fault_message
    assert bench.states(found) == ["checked", "predicted", "scoring", "scored"]
    assert {value for value, _ in bench.values(found).values()} == {0.0, 1.0}


def test_nan_in_pushed_predictions_is_a_verdict(bench: Bench) -> None:
    data = labels_of(1).astype("f4")
    data[0, 0, 0] = np.nan

    found = bench.run({"predictions/case-01/mask.nii.gz": nifti(data)}, kind="predictions")

    assert (found.state, found.fault_class) == ("failed", "participant")
    assert found.fault_message == (
        "1 of 3 predictions cannot be scored: case-01/mask.nii.gz holds NaN (not a number): "
        "every voxel needs a label."
    )


def test_predictions_under_other_names_are_listed(bench: Bench) -> None:
    content = nifti(labels_of(1))

    found = bench.run({"predictions/case-01/seg.nii.gz": content}, kind="predictions")

    assert found.fault_message == (
        "No case has a prediction: each belongs in predictions/<case>/mask.nii.gz. "
        "1 other file was found and ignored: case-01/seg.nii.gz."
    )


def test_a_broken_reference_is_the_organizers_fault_and_names_nothing(bench: Bench) -> None:
    (bench.platform.project / "test/reference/case-02/mask.nii.gz").write_bytes(b"broken")

    found = bench.run_program(GOOD)

    assert (found.state, found.fault_class, found.fault_code) == (
        "failed", "organizer", "test-data",
    )  # fmt: skip
    assert found.refunded
    assert found.fault_message is not None
    assert "not your fault" in found.fault_message
    assert "reference" not in found.fault_message


def test_missing_test_data_is_the_organizers_fault(bench: Bench) -> None:
    (bench.platform.project / "test/reference/case-02/mask.nii.gz").unlink()

    assert bench.run_program(GOOD).fault_class == "organizer"
