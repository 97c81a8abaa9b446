"""A metric that no release has, seen by every part that a metric touches.

Run in a process of its own by test_one_more_metric.py: the catalogue is extended before anything
reads it, as one more entry in it would be. It differs from the real metrics where it can: lower
is better, a unit, no bound above, a parameter, and another policy for each way to be empty.
"""

import gzip
import json
import math
import sys
import types
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import nibabel
import numpy as np
from pydantic import Field

from blueprint.metrics import specs
from blueprint.metrics.masks import MaskPair
from blueprint.metrics.specification import Because, Bounds, MetricSpec, OnEmpty, Parameters


class VolumeParameters(Parameters):
    """Settings of the toy."""

    cap: Annotated[
        int, Field(ge=1, le=9, description="no case counts more"), Because("one outlier is enough")
    ] = 9


def volume_error(pair: MaskPair, *, cap: int = 9) -> float:
    """Return the difference of the volumes in mm3, at most `cap`."""
    voxels = abs(int(pair.reference.sum()) - int(pair.prediction.sum()))
    return min(float(cap), voxels * math.prod(pair.spacing_mm))


sys.modules["toy_metric"] = types.ModuleType("toy_metric")
sys.modules["toy_metric"].volume_error = volume_error  # type: ignore[attr-defined]
specs.SPECS = (
    *specs.SPECS,
    MetricSpec(
        id="volume-error", title="Volume error", problems=("semantic-segmentation",),
        compute="toy_metric:volume_error", higher_is_better=False, unit="mm3",
        bounds=Bounds(low=0.0), worst=9.0, decimals=1, parameters=VolumeParameters,
        on_empty=OnEmpty(both="best", reference="worst", prediction="best"),
        definition="Difference of the two volumes, at most {cap} mm3.", source="made up here",
    ),
)  # fmt: skip

from blueprint.config.explain import explain  # noqa: E402
from blueprint.config.faults import ConfigFaults  # noqa: E402
from blueprint.config.load import parse_challenge  # noqa: E402
from blueprint.config.metrics_page import metrics_page  # noqa: E402
from blueprint.config.reference import json_schema  # noqa: E402
from blueprint.config.schedule import Status  # noqa: E402
from blueprint.evaluate.protocol import (  # noqa: E402
    CaseFiles,
    Score,
    decode_question,
    encode_question,
)
from blueprint.evaluate.scoring import score  # noqa: E402
from blueprint.metrics.measures import Column  # noqa: E402
from blueprint.publish.board import Scored  # noqa: E402
from blueprint.publish.exports import render_csv, render_json  # noqa: E402
from blueprint.publish.site import render_boards  # noqa: E402
from blueprint.publish.standings import make_boards  # noqa: E402
from blueprint.publish.visibility import Visibility  # noqa: E402

CHALLENGE = """\
version: 1
challenge: {id: brain, title: Brain, contact: brain@example.org}
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {t1: image}
    outputs: {mask: segmentation}
    labels: {1: grey matter, 2: white matter}
    cases: {public: test}
    metrics: [{id: dice}, {id: volume-error, labels: separate, SETTING}]
phases:
  - {id: only, tasks: [tissue], opens: 2027-06-01, closes: 2027-08-31}
"""


def faults_with(setting: str) -> str:
    """Return what `check` says of a setting."""
    try:
        parse_challenge(CHALLENGE.replace("SETTING", setting).encode(), file="challenge.yaml")
    except ConfigFaults as faults:
        return str(faults)
    return ""


def nifti(path: Path, *labels: int) -> str:
    """Write a mask of 1 x 1 x n voxels of 1 x 1 x 2 mm."""
    kind: Any = nibabel.Nifti1Image
    data = np.array(labels, dtype="u1").reshape(1, 1, -1)
    path.write_bytes(gzip.compress(kind(data, np.diag([1.0, 1, 2, 1])).to_bytes()))
    return str(path)


def scored(folder: Path) -> dict[Column, dict[str, float]]:
    """Score two cases as the scoring process does, question and answer through the protocol."""
    image = nifti(folder / "image.nii.gz", 9, 9, 9, 9, 9, 9, 9, 9)
    masks = {
        # Grey 4 and 1 voxels of 2 mm3: 6 mm3, so the cap of 5. White 1 and 2 voxels: 2 mm3.
        "case-1": ((1, 1, 1, 1, 2, 0, 0, 0), (1, 0, 0, 0, 2, 2, 0, 0)),
        # Grey is only in the prediction (worst, 9), white only in the reference (best, 0).
        "case-2": ((0, 0, 0, 0, 2, 2, 0, 0), (1, 1, 0, 0, 0, 0, 0, 0)),
    }
    files = tuple(
        CaseFiles(case, image, nifti(folder / f"{case}-p.nii.gz", *prediction),
                  nifti(folder / f"{case}-r.nii.gz", *reference))
        for case, (reference, prediction) in masks.items()
    )  # fmt: skip
    question = decode_question(encode_question(Score(TASK.problem, files, TASK.measures)))
    assert isinstance(question, Score)
    values: dict[Column, dict[str, float]] = {}
    for row in score(question).rows:
        values.setdefault(Column(row.metric, row.region), {})[row.case_id] = row.value
    return values


WHOLE = parse_challenge(CHALLENGE.replace("SETTING", "cap: 5").encode(), file="challenge.yaml")
TASK = WHOLE.tasks[0]


def main(folder: Path) -> dict[str, Any]:
    """Return what each part makes of the metric."""
    now = datetime(2027, 6, 15, tzinfo=UTC)
    values = scored(folder)
    row = Scored(1, "only", "alpha", "Alpha", "code", now, now, values, frozenset())
    statuses: dict[str, Status] = {"only": "open"}
    boards = make_boards(WHOLE, [row], statuses, shown={"only": Visibility(is_shown=True)})
    frame: dict[str, object] = {"navigation": [], "footer": []}
    unset = parse_challenge(CHALLENGE.replace(", SETTING", "").encode(), file="challenge.yaml")
    return {
        "typo": faults_with("kap: 5"),
        "too large": faults_with("cap: 10"),
        "explained": [line.strip() for line in explain(unset) if "cap" in line],
        "schema": json_schema()["$defs"]["Metric_volume-error"]["properties"]["cap"],
        "values": [[*column, cases] for column, cases in values.items()],
        "json": json.loads(render_json(WHOLE, boards))["boards"][0],
        "csv": render_csv(boards),
        "html": render_boards(WHOLE, boards, frame)["leaderboard.html"].decode(),
        "reference": metrics_page(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
