"""`--verify` reads every file, and what it finds is known from then on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from blueprint.corrections.freeze import freeze
from blueprint.corrections.survey import survey
from blueprint.data.fact_cache import open_cache
from blueprint.platform import Platform
from tests.integration.evaluation.bench import labels_of, make_platform, nifti


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = make_platform(tmp_path)
    freeze(made, made.challenge)
    yield made
    made.database.close()


def change_unseen(platform: Platform) -> None:
    """Change a reference so that no look at it tells, as a clock that was set back does it."""
    reference = platform.project / "test/reference/case-01/mask.nii.gz"
    known = open_cache(platform.state).get(f"file:{reference}")
    assert isinstance(known, list)
    reference.write_bytes(nifti(labels_of(2)))
    told = reference.stat()
    state = [told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns]
    open_cache(platform.state).put({f"file:{reference}": [state, known[1]]})
    (seen,) = survey(platform, platform.challenge)
    assert seen.condition == "in force"


def test_what_status_verify_has_read_stays_known(platform: Platform) -> None:
    change_unseen(platform)

    for anew in (True, False):
        (seen,) = survey(platform, platform.challenge, anew=anew)
        assert seen.condition == "data changed"
        assert [change.path for change in seen.changes] == ["reference/case-01/mask.nii.gz"]


def test_deploy_verify_reports_what_it_has_read(platform: Platform) -> None:
    change_unseen(platform)

    # No result hangs on the old file yet, so that this one takes its place.
    (state,) = freeze(platform, platform.challenge, anew=True)

    assert state.condition == "in force"
