"""Two evaluation hosts, each with a disk of its own: corrections go where predictions are kept."""

import json
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import nibabel
import numpy as np
import pytest

from tests.integration.desk.other_machine import Elsewhere, elsewhere
from tests.integration.recovery.conftest import project
from tests.integration.recovery.deployment import Deployment
from tests.integration.recovery.processes import wait_until

_PATIENCE_S = 240.0


@dataclass
class Two:
    """A platform that was deployed on one machine, then left all evaluation to two hosts."""

    deployment: Deployment
    first: Elsewhere
    second: Elsewhere

    def say(self, *words: str, code: int = 0) -> str:
        """Run a command and return all that it printed."""
        with self.deployment.start_cli(*words) as child:
            out, said = child.communicate(timeout=_PATIENCE_S)
        assert child.returncode == code, f"{words}: {child.returncode}\n{out}{said}"
        return out + said

    def status(self) -> tuple[int, str]:
        with self.deployment.start_cli("status") as child:
            out, _ = child.communicate(timeout=_PATIENCE_S)
        return child.returncode, out

    def judged_on(self, username: str, host: Elsewhere | None) -> int:
        """Push while one host works (None: the platform itself), and wait for the result."""
        team = self.deployment.team(username)
        team.commit()
        number = team.push()
        if host is not None:
            host.start_worker()
        told = "" if host is None else host.log
        wait_until(
            lambda: self.deployment.state_of(number) in ("published", "failed"),
            f"submission {number} is judged {told}",
            within_s=_PATIENCE_S,
        )
        assert self.deployment.state_of(number) == "published"
        if host is not None:
            assert host.stop_worker() == 0
        return number

    def correct(self, case: str) -> None:
        """Take a slice of labels out of a reference, on every disk."""
        of = self.deployment.folder / "data/test-public/reference" / case / "mask.nii.gz"
        image: Any = nibabel.load(of)
        labels = np.asarray(image.dataobj).astype("uint8")
        filled = np.flatnonzero(labels.any(axis=(0, 1)))
        labels[:, :, filled[len(filled) // 2]] = 0
        kind: Any = nibabel.Nifti1Image
        content = kind(labels, image.affine).to_bytes()
        corrected = of.with_name("corrected.nii")
        corrected.write_bytes(content)
        nibabel.save(nibabel.load(corrected), of)
        corrected.unlink()
        for host in (self.first, self.second):
            there = host.store / "cases/tissue/public/reference" / case / "mask.nii.gz"
            there.write_bytes(of.read_bytes())

    def holders(self) -> dict[int, tuple[str, str]]:
        """Return by submission how its evaluation in force was made, and on whose disk it lies."""
        rows = self.deployment.ask_database(
            "SELECT json_group_array(json_array(e.submission_id, e.kind, e.host))"
            " FROM evaluations e JOIN evaluation_sets s ON s.dataset_digest = e.dataset_digest"
            " AND s.evaluator_digest = e.evaluator_digest WHERE s.state = 'in-force'"
        )
        return {number: (kind, host) for number, kind, host in json.loads(rows)}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    with ExitStack() as stack:
        root = tmp_path_factory.mktemp("two")
        made = stack.enter_context(project(root))
        made.deploy()
        first = stack.enter_context(elsewhere(made, root / "one"))
        second = stack.enter_context(elsewhere(made, root / "two", name="gpu-2", port=first.port))
        yield Two(made, first, second)


def cases_of(two: Two) -> list[str]:
    folder = two.deployment.folder / "data/test-public/reference"
    return sorted(path.name for path in folder.iterdir())


def test_corrections_go_where_predictions_are_kept_and_around_a_host_that_is_gone(
    two: Two,
) -> None:
    here = two.judged_on("here", None)
    assert two.deployment.cli("down").returncode == 0
    for host in (two.first, two.second):
        host.install()
    the_platform_starts_without_the_private_cases(two)
    on_first = two.judged_on("one", two.first)
    on_second = two.judged_on("two", two.second)
    assert two.holders() == {
        here: ("judge", "embedded"), on_first: ("judge", "gpu-1"), on_second: ("judge", "gpu-2"),
    }  # fmt: skip
    kept = {host.name: [path.name for path in (host.store / "predictions").iterdir()]
            for host in (two.first, two.second)}  # fmt: skip
    assert kept == {"gpu-1": [str(on_first)], "gpu-2": [str(on_second)]}

    all_are_rescored_where_they_lie(two, (here, on_first, on_second))
    a_host_that_is_gone_is_named_and_its_work_done_on_another(two, here, on_first, on_second)
    a_host_with_other_data_is_named_and_the_other_one_works(two)


def the_platform_starts_without_the_private_cases(two: Two) -> None:
    (two.deployment.folder / "data/test-private").rename(two.deployment.folder.parent / "away")
    two.first.serve(from_state=False)
    wait_until(lambda: two.status()[0] == 0, "status is green", within_s=_PATIENCE_S)
    said = two.say("status")
    assert re.search(r"tissue/private: \d+ cases, as they were put in force", said)
    assert "known from what was taken in force, read 20" in said
    assert f"by evaluation hosts, answered at 127.0.0.1:{two.first.port}" in said
    assert "gpu-2" in said


def a_host_with_other_data_is_named_and_the_other_one_works(two: Two) -> None:
    of = two.second.store / "cases/tissue/public/reference" / cases_of(two)[0] / "mask.nii.gz"
    there = of.read_bytes()
    of.write_bytes(there[:-1] + bytes([there[-1] ^ 1]))
    team = two.deployment.team("three")
    team.commit()
    number = team.push()
    two.second.start_worker()
    named = "gpu-2: its test data of tissue/public are not those"
    wait_until(lambda: named in two.status()[1], "the host is named", within_s=_PATIENCE_S)

    two.first.start_worker()

    wait_until(
        lambda: two.deployment.state_of(number) == "published",
        f"submission {number} is judged", within_s=_PATIENCE_S,
    )  # fmt: skip
    assert two.holders()[number] == ("judge", "gpu-1")
    for host in (two.first, two.second):
        assert host.stop_worker() == 0
    of.write_bytes(there)


def all_are_rescored_where_they_lie(two: Two, numbers: tuple[int, int, int]) -> None:
    here, on_first, on_second = numbers
    before = two.deployment.ask("leaderboard", "show")
    two.correct(cases_of(two)[0])
    two.first.start_worker()
    two.second.start_worker()

    said = two.say("rescore")

    assert "3 to score again" in said
    assert "all is scored again" in said
    two.say("corrections", "publish", "--reason", "One slice was wrong.", "--yes")
    assert two.holders() == {
        here: ("rescore", "embedded"), on_first: ("rescore", "gpu-1"),
        on_second: ("rescore", "gpu-2"),
    }  # fmt: skip
    after = two.deployment.ask("leaderboard", "show")
    assert means(before) != means(after)
    assert len(set(means(after).values())) == 1  # the same program, on three disks


def means(board: dict[str, Any]) -> dict[str, float]:
    return {
        row["team"]: next(one["mean"] for one in row["scores"] if one["metric"] == "dice")
        for row in board["boards"][0]["rows"]
    }


def a_host_that_is_gone_is_named_and_its_work_done_on_another(
    two: Two, here: int, on_first: int, on_second: int
) -> None:
    assert two.second.stop_worker(signal.SIGTERM) == 0
    two.correct(cases_of(two)[1])

    said = two.say("rescore", code=1)

    assert "of them 1 kept by gpu-2 (stopped 20" in said
    assert f"keeps the predictions of submission {on_second}" in said
    assert "2 of 3 scored again" in said
    assert "gpu-2 (stopped 20" in two.say("status", code=1)
    shown = two.say("corrections", "show")
    assert "gpu-2 (stopped 20" in shown
    assert f"keeps the predictions of submission {on_second}: it does them when" in shown
    (waits,) = two.deployment.ask("corrections", "show")["waits_for"]
    assert (waits["host"], waits["submissions"]) == ("gpu-2", [on_second])

    assert "all is scored again" in two.say("rejudge")

    two.say("corrections", "publish", "--reason", "Another slice, too.", "--yes")
    assert two.holders() == {
        here: ("rescore", "embedded"), on_first: ("rescore", "gpu-1"),
        on_second: ("rejudge", "gpu-1"),
    }  # fmt: skip
    assert len(set(means(two.deployment.ask("leaderboard", "show")).values())) == 1
    two.first.stop_worker()
