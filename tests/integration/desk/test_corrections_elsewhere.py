"""A correction is worked on by an evaluation host, with the predictions on its own disk."""

import shutil
from pathlib import Path

from blueprint.corrections.freeze import freeze
from blueprint.corrections.plan import Selection, begin, plan_corrections
from blueprint.corrections.release import publish
from blueprint.desk.http_desk import HttpDesk
from blueprint.evaluate.runner import Worker, run_next
from blueprint.evaluate.store import store_at
from blueprint.evaluate.workshop import Workshop
from blueprint.ledger.history import result_of, scores_of
from blueprint.ledger.submissions import get
from tests.integration.desk.counter import Served, client_of
from tests.integration.evaluation.bench import labels_of, nifti

MASK: dict[str, str | bytes] = {
    f"predictions/case-0{n}/mask.nii.gz": nifti(labels_of(n)) for n in (1, 2, 3)
}


def dice(api: Served) -> dict[str, float]:
    rows = scores_of(api.bench.platform.database, 1)
    return {one.case_id: one.value for one in rows if (one.metric, one.region) == ("dice", "1")}


def test_kept_predictions_are_scored_again_where_they_lie(api: Served, tmp_path: Path) -> None:
    platform = api.bench.platform
    shutil.copytree(platform.project / "test", tmp_path / "host/cases/tissue/public")
    freeze(platform, platform.challenge)
    number = api.bench.push(dict(MASK), "predictions")
    with client_of(api, tmp_path / "certificates") as client, Worker("gpu-1/1") as worker:
        workshop = Workshop(HttpDesk(client), store_at(tmp_path / "host"), api.bench.engine)
        assert run_next(workshop, worker)
        assert get(platform.database, number).state == "scored"
        assert not platform.state.predictions.exists()

        for data in (platform.project / "test", tmp_path / "host/cases/tissue/public"):
            shutil.copy(
                data / "reference/case-03/mask.nii.gz", data / "reference/case-01/mask.nii.gz"
            )
        (correction,) = plan_corrections(platform, Selection())
        assert [piece.need for piece in correction.pieces] == ["rescore"]
        begin(platform, correction, by="test", rejudge=False)
        assert run_next(workshop, worker)
        publish(platform, reason="It was wrong.", by="test")

    # Case 1: 5 x 6 x 3 = 90 voxels less 12 white ones predicted, 7 x 6 x 3 = 126 less 12 there.
    assert dice(api) == {"case-01": 2 * 78 / (78 + 114), "case-02": 1.0, "case-03": 1.0}
    found = result_of(platform.database, number)
    assert found is not None
    assert found.kind == "rescore"
