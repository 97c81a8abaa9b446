"""The scoring process: warm between questions, gone when idle or when its platform is."""

import gzip
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from blueprint.clock import monotonic_s
from blueprint.errors import BlueprintError, ToolError
from blueprint.evaluate.job import serve
from blueprint.evaluate.protocol import (
    CaseFiles,
    Failure,
    ProtocolError,
    Row,
    Score,
    Scores,
    Validate,
    decode_answer,
    decode_question,
    encode_answer,
    encode_question,
)
from blueprint.evaluate.scoring_process import ScoringProcess
from blueprint.metrics.measures import Measure, Region
from blueprint.resources import package_folder

ROW = (
    b'{"op": "scores", "rows": '
    b'[{"case_id": "a", "metric": "d", "region": "r", "value": %s, "flag": "%s"}]}'
)


def go_on() -> None:
    pass


def write_mask(path: Path, count: int, ignored: int = 0) -> str:
    data = np.zeros((4, 4, 4), dtype="u1")
    data[:ignored, 0, 0] = 255
    data[ignored:count, 0, 0] = 1
    kind: Any = nibabel.Nifti1Image
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(kind(data, np.diag([1.0, 1, 2, 1])).to_bytes()))
    return str(path)


@pytest.fixture
def question(tmp_path: Path) -> Score:
    files = CaseFiles(
        id="case-01",
        image=write_mask(tmp_path / "image.nii.gz", 4),
        prediction=write_mask(tmp_path / "prediction.nii.gz", 1),
        reference=write_mask(tmp_path / "reference.nii.gz", 3),
    )
    measure = Measure("dice", (Region("1", (1,)),))
    return Score("semantic-segmentation", (files,), (measure,))


@pytest.fixture
def scoring() -> Iterator[ScoringProcess]:
    with ScoringProcess() as process:
        yield process


def test_scores_come_back(scoring: ScoringProcess, question: Score) -> None:
    found = scoring.score(question, timeout_s=60, keep_going=go_on)

    # 2 x 1 / (3 + 1)
    assert found == Scores((Row("case-01", "dice", "mean", 0.5, "ok"),))


def test_a_region_is_scored_as_the_union_of_its_labels(
    scoring: ScoringProcess, question: Score
) -> None:
    write_mask(Path(question.cases[0].prediction), 4)
    regions = (Region("whole", (1, 2)), Region("two", (2,)))
    asked = replace(question, measures=(Measure("iou", regions, separate=True),))

    found = scoring.score(asked, timeout_s=60, keep_going=go_on)

    # Four voxels marked, three of them in the reference; label 2 is in neither.
    assert found == Scores((
        Row("case-01", "iou", "whole", 0.75, "ok"), Row("case-01", "iou", "two", 1.0, "both-empty"),
    ))  # fmt: skip


def test_a_metric_of_another_version_is_a_fault_that_says_so(
    scoring: ScoringProcess, question: Score
) -> None:
    later = replace(question, measures=(replace(question.measures[0], revision=2),))

    with pytest.raises(ToolError, match="dice is asked for in revision 2, but this program has 1"):
        scoring.score(later, timeout_s=60, keep_going=go_on)

    assert scoring.score(question, timeout_s=60, keep_going=go_on).rows


def test_ignored_values_of_the_reference_are_left_out(
    scoring: ScoringProcess, question: Score, tmp_path: Path
) -> None:
    write_mask(tmp_path / "reference.nii.gz", 3, ignored=1)
    write_mask(tmp_path / "prediction.nii.gz", 2)

    found = scoring.score(replace(question, ignore=(255,)), timeout_s=60, keep_going=go_on)

    # Reference 255 1 1, prediction 1 1 0; the first voxel is left out: 2 x 1 / (2 + 1).
    assert found == Scores((Row("case-01", "dice", "mean", 2 / 3, "ok"),))


def test_the_second_question_meets_the_same_process(
    scoring: ScoringProcess, question: Score
) -> None:
    scoring.score(question, timeout_s=60, keep_going=go_on)
    first = scoring.pid
    scoring.score(question, timeout_s=60, keep_going=go_on)

    assert first is not None
    assert scoring.pid == first


def test_a_process_that_has_gone_is_replaced(scoring: ScoringProcess, question: Score) -> None:
    scoring.score(question, timeout_s=60, keep_going=go_on)
    first = scoring.pid
    assert first is not None
    os.kill(first, signal.SIGTERM)  # the launcher, which kills what it started
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)

    assert scoring.score(question, timeout_s=60, keep_going=go_on).rows
    assert scoring.pid != first


def test_a_reference_that_cannot_be_read_is_named_for_the_organizers(
    scoring: ScoringProcess, question: Score
) -> None:
    Path(question.cases[0].reference).write_bytes(b"broken")

    found = scoring.score(question, timeout_s=60, keep_going=go_on)

    assert found.rows == ()
    assert found.unusable[0].case_id == "case-01"
    assert found.unusable[0].text.endswith("reference.nii.gz is not a NIfTI file")


def test_a_fault_of_ours_is_an_error_and_the_process_lives_on(
    scoring: ScoringProcess, question: Score, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("a file where a folder should be")
    case = CaseFiles("case-01", question.cases[0].image, "prediction.nii.gz")
    bad = Validate((case,), str(tmp_path), str(tmp_path / "kept"), (1,), 2**20, quote=True)

    with pytest.raises(ToolError, match="scoring process failed"):
        scoring.validate(bad, timeout_s=60, keep_going=go_on)

    assert scoring.score(question, timeout_s=60, keep_going=go_on).rows


def test_no_answer_in_time_is_an_error(scoring: ScoringProcess, question: Score) -> None:
    with pytest.raises(ToolError, match="did not answer in time"):
        scoring.score(question, timeout_s=-1, keep_going=go_on)

    assert scoring.pid is None


def test_a_question_can_be_stopped(scoring: ScoringProcess, question: Score) -> None:
    class StopError(BlueprintError):
        pass

    def stop() -> None:
        raise StopError("stop")

    with pytest.raises(StopError):
        scoring.score(question, timeout_s=60, keep_going=stop)

    assert scoring.pid is None


def test_it_ends_when_nothing_is_asked(question: Score) -> None:
    read_fd, write_fd = os.pipe()
    try:
        started_s = monotonic_s()
        serve(read_fd, write_fd, idle_s=0.2)
        assert monotonic_s() - started_s < 60  # else it waits for ever
    finally:
        os.close(read_fd)
        os.close(write_fd)


def test_it_ends_when_its_pipe_closes() -> None:
    read_fd, write_fd = os.pipe()
    thread = threading.Thread(target=serve, args=(read_fd, 2, 600.0))
    thread.start()
    os.close(write_fd)
    thread.join(timeout=60)
    os.close(read_fd)

    assert not thread.is_alive()


def test_questions_survive_the_line(question: Score) -> None:
    assert decode_question(encode_question(question)) == question
    assert encode_question(question).count(b"\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b'{"op": "scores"}',
        ROW % (b'NaN', b'ok'),
        ROW % (b'1e999', b'ok'),
        ROW % (b'true', b'ok'),
        ROW % (b'"1"', b'ok'),
        ROW % (b'1', b'fine'),
    ],
)  # fmt: skip
def test_a_line_that_is_no_answer_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_answer(line)


def test_answers_survive_the_line() -> None:
    for answer in (Failure("x"), Scores((Row("a", "dice", "1", 0.1 + 0.2, "ok"),))):
        assert decode_answer(encode_answer(answer)) == answer


@pytest.mark.parametrize("module", ["runner", "stages", "cases", "verdicts", "store"])
def test_the_platforms_side_never_imports_numpy(module: str) -> None:
    code = f"import sys, blueprint.evaluate.{module}; print('numpy' in sys.modules)"

    found = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": str(package_folder().parent)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert found.stdout.strip() == "False"
