"""A platform that has no test data: evaluation hosts have them, and it knows what they hold."""

import hashlib
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from blueprint.clock import system_clock
from blueprint.config.load import load
from blueprint.corrections.freeze import freeze
from blueprint.corrections.holdings import describe, drop_hand_over, keep_hand_over
from blueprint.corrections.plan import Selection, plan_corrections
from blueprint.corrections.survey import places_of, survey
from blueprint.deploy.embedded import ready
from blueprint.errors import InputError
from blueprint.evaluations.sets import sets_in_force
from blueprint.platform import Platform, open_platform
from blueprint.serve.runner_address import RunnerAddress, note_runner
from blueprint.state import StateFolder
from tests.integration.evaluation.bench import Bench
from tests.integration.recovery.conftest import make_project

RUNNER = RunnerAddress("127.0.0.1", 9443)


def describe_to(platform: Platform, project: Path, file: Path) -> Path:
    challenge = platform.challenge
    places = list(places_of(challenge))
    file.write_bytes(describe(challenge, project, platform.state, places, platform.clock))
    return file


def test_data_that_are_away_are_known_as_they_were_taken_in_force(bench: Bench) -> None:
    platform = bench.platform
    freeze(platform, platform.challenge)
    (platform.project / "test").rename(platform.project / "away")

    (alone,) = survey(platform, platform.challenge)
    assert (alone.condition, alone.is_held) == ("unreadable", True)

    note_runner(platform.state, RUNNER)
    (known,) = survey(platform, platform.challenge)
    assert (known.condition, known.is_held, known.cases) == ("in force", False, 3)
    assert known.known_from == (
        "what was taken in force, read 2027-06-15T12:00:00Z: the files are not here"
    )
    assert not plan_corrections(platform, Selection())

    (platform.project / "test").mkdir()  # it is here, and holds nothing: that is no absence
    (emptied,) = survey(platform, platform.challenge)
    assert emptied.condition == "unreadable"


def test_a_correction_is_handed_over_from_where_the_data_are(bench: Bench, tmp_path: Path) -> None:
    platform = bench.platform
    freeze(platform, platform.challenge)
    note_runner(platform.state, RUNNER)
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    shutil.move(platform.project / "test", laptop / "test")
    same = describe_to(platform, laptop, tmp_path / "same.json")
    keep_hand_over(platform.state, platform.challenge, same)
    (before,) = survey(platform, platform.challenge)
    assert before.condition == "in force"
    assert before.known_from == "a file of 2027-06-15T12:00:00Z that was handed over"

    masks = laptop / "test/reference"
    shutil.copy(masks / "case-03/mask.nii.gz", masks / "case-01/mask.nii.gz")
    corrected = describe_to(platform, laptop, tmp_path / "corrected.json")
    keep_hand_over(platform.state, platform.challenge, corrected)

    (after,) = survey(platform, platform.challenge)
    assert after.condition == "data changed"
    assert [str(change) for change in after.changes] == [
        "reference/case-01/mask.nii.gz: changed (now what case-03 had)"
    ]
    (correction,) = plan_corrections(platform, Selection())
    assert correction.changes == after.changes
    drop_hand_over(platform.state)
    (without,) = survey(platform, platform.challenge)
    assert without.condition == "in force"


def test_what_describes_another_challenge_or_other_files_is_refused(
    bench: Bench, tmp_path: Path
) -> None:
    platform = bench.platform
    file = describe_to(platform, platform.project, tmp_path / "datasets.json")
    text = file.read_text()

    file.write_text(text.replace('"challenge": "tissue"', '"challenge": "other"'))
    with pytest.raises(InputError, match="describes the data of 'other', not of 'tissue'"):
        keep_hand_over(platform.state, platform.challenge, file)
    file.write_text(text.replace('"t1"', '"t2"', 1))
    with pytest.raises(InputError, match="tissue/public: case-01 has not the inputs and outputs"):
        keep_hand_over(platform.state, platform.challenge, file)
    assert not platform.state.datasets.exists()


def test_a_platform_is_made_ready_where_the_data_never_were(tmp_path: Path) -> None:
    made = make_project(tmp_path / "project", tmp_path)
    file = made.folder / "challenge.yaml"
    challenge = load(file)
    places = list(places_of(challenge))
    document = tmp_path / "datasets.json"
    cache = StateFolder(tmp_path / "laptop")
    document.write_bytes(describe(challenge, made.folder, cache, places, system_clock))
    (made.folder / "data/test-private").rename(tmp_path / "private")

    with pytest.raises(InputError, match="test-private"):
        ready(file)
    with pytest.raises(InputError, match=r"^tasks\.tissue\.cases\.private") as nothing:
        ready(file, is_for_hosts=True)
    assert "`serve --datasets`" in str(nothing.value.hint)

    state = ready(file, is_for_hosts=True, datasets=document)

    with closing(open_platform(state).database) as database, database.read() as connection:
        found = {
            place: one.terms.dataset_digest for place, one in sets_in_force(connection).items()
        }
    (made.folder / "data/test-public").rename(tmp_path / "public")
    assert found == digests_of(tmp_path, document)
    (tmp_path / "public").rename(made.folder / "data/test-public")
    ready(file, is_for_hosts=True)  # what was handed over is kept


def digests_of(data: Path, document: Path) -> dict[tuple[str, str], str]:
    """Return the digests that the file says, each made anew of the checksums of the files."""
    said = json.loads(document.read_text())["datasets"]
    found = {}
    for one in said:
        folder = data / one["split"]
        for case, parts in one["cases"].items():
            for part, files in parts.items():
                for name, told in files.items():
                    content = (folder / part / case / f"{name}.nii.gz").read_bytes()
                    assert told["sha256"] == hashlib.sha256(content).hexdigest()
                    assert told["size_bytes"] == len(content)
        canonical = json.dumps(one, sort_keys=True, separators=(",", ":")).encode()
        found[one["task"], one["split"]] = hashlib.sha256(canonical).hexdigest()
    return found
