"""A push meets the real hook: what is accepted, what is answered, what is remembered."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from blueprint import audit
from blueprint.adapters import git, git_hook
from blueprint.intake.push import answer_post_receive, answer_pre_receive
from blueprint.intake.receipts import parse_receipt, verify_receipt
from blueprint.intake.repositories import ensure_repository, find_tag, sweep_platform
from blueprint.ledger.leases import acquire
from blueprint.ledger.submissions import get, list_submissions
from blueprint.signing import parse_public

Result = TypeVar("Result")

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment

CODE = "version: 1\ntask: tissue\nkind: code\nrun: [python, predict.py]\n"
PREDICTIONS = "version: 1\ntask: tissue\nkind: predictions\n"


@pytest.fixture
def ready(clone: "Clone") -> "Clone":
    """A clone with a submission that is in order."""
    clone.commit({"submission.yaml": CODE, "predict.py": "print('hello')\n"})
    return clone


def test_a_submission_is_accepted_in_the_push_itself(
    ready: "Clone", deployment: "Deployment"
) -> None:
    pushed = ready.submit("1")

    head = ready.git("rev-parse", "HEAD")
    receipt = get(deployment.platform.database, 1).receipt
    assert pushed.accepted
    assert pushed.said == (
        "accepted: brain-tissue/preliminary, submission 1\n"
        f"  commit {head[:12]} as submission/1, received 2027-06-15T12:00:00Z\n"
        f"  receipt {receipt['signature'][:16]}..., signed with the challenge's key\n"
        "  it runs in the process sandbox, with Python's standard library, numpy, scipy and"
        " nibabel\n"
        "  left: 2 of 3 in 24 hours\n"
        "  follow it at http://127.0.0.1:8123/portal/submissions/1\n"
    )


def test_what_was_accepted_waits_in_the_queue_with_everything_known(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.submit("first-try")

    lease = acquire(deployment.platform.database, "worker-1", deployment.dial())

    assert lease is not None
    one = lease.submission
    assert (one.team_slug, one.username, one.phase, one.task) == (
        "voxels", "person-1", "preliminary", "tissue",
    )  # fmt: skip
    assert one.commit_sha == ready.git("rev-parse", "HEAD")
    assert one.tag == "refs/tags/submission/first-try"
    assert one.manifest == {
        "version": 1, "task": "tissue", "kind": "code", "run": ["python", "predict.py"],
    }  # fmt: skip
    assert git.submission_tags(deployment.repository) == {one.tag: one.commit_sha}
    assert audit.verify(deployment.platform.database).problem == ""


def test_the_receipt_proves_the_push_with_the_public_key_alone(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.submit("1")
    saved = json.dumps(dict(get(deployment.platform.database, 1).receipt)).encode()
    public = parse_public((deployment.platform.state.keys / "receipts.pub").read_text())

    receipt = verify_receipt(parse_receipt(saved), public)

    assert receipt.commit == ready.git("rev-parse", "HEAD")
    assert (receipt.team, receipt.submission, receipt.decision) == ("voxels", 1, "accepted")


def test_an_annotated_tag_is_the_commit_that_it_leads_to(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.git("tag", "--annotate", "submission/1", "-m", "our first")
    ready.git("tag", "--annotate", "submission/2", "submission/1", "-m", "a tag of a tag")

    assert ready.push("submission/1").accepted
    assert ready.push("submission/2").said.startswith("accepted before: ")

    one = get(deployment.platform.database, 1)
    assert one.commit_sha == ready.git("rev-parse", "HEAD")
    assert one.confirmed_at is not None
    assert set(git.submission_tags(deployment.repository).values()) == {one.commit_sha}


def test_a_second_tag_on_a_commit_is_answered_with_the_first_receipt(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.submit("1")
    deployment.dial.now += timedelta(hours=1)

    again = ready.submit("again")

    receipt = get(deployment.platform.database, 1).receipt
    assert again.accepted
    assert again.said == (
        "accepted before: brain-tissue/preliminary, submission 1\n"
        "  this commit has its receipt already: as submission/1, received 2027-06-15T12:00:00Z\n"
        f"  receipt {receipt['signature'][:16]}...; it waits in the queue; no quota was used\n"
        "  follow it at http://127.0.0.1:8123/portal/submissions/1\n"
    )
    assert len(list_submissions(deployment.platform.database)) == 1


def test_predictions_are_counted_and_what_is_missing_is_named(clone: "Clone") -> None:
    clone.commit({
        "submission.yaml": PREDICTIONS,
        "predictions/case-01/mask.nii.gz": "1",
        "predictions/case-03/mask.nii.gz": "3",
        "README.md": "computed at home",
    })  # fmt: skip

    pushed = clone.submit("1")

    assert pushed.accepted
    assert (
        "  2 of 4 cases have a prediction; each that is missing (case-02, case-04) gets the worst"
        " score\n"
    ) in pushed.said


def test_the_dockerfile_is_said_to_be_ignored(ready: "Clone") -> None:
    ready.commit({"Dockerfile": "FROM scratch\n"})

    assert "numpy, scipy and nibabel; the Dockerfile is ignored\n" in ready.submit("1").said


def test_a_branch_is_stored_and_told_how_to_submit(
    ready: "Clone", deployment: "Deployment"
) -> None:
    pushed = ready.push("main")

    assert pushed.accepted
    assert pushed.said == (
        "stored: main; work in progress is not evaluated\n"
        "to submit a commit: git tag submission/1 && git push origin submission/1\n"
    )
    assert list_submissions(deployment.platform.database) == []


def test_the_branch_hint_names_a_tag_that_is_free(ready: "Clone") -> None:
    ready.submit("7")

    assert "git tag submission/8 &&" in ready.push("main").said


def test_a_branch_beside_a_submission_is_stored_with_it(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.tag("1")

    pushed = ready.push("main", "submission/1")

    assert pushed.accepted
    assert pushed.said.startswith("accepted: ")
    assert git.tag_commit(deployment.repository, "refs/heads/main") is not None


def test_a_refused_push_leaves_nothing_and_its_name_can_be_used_again(
    ready: "Clone", deployment: "Deployment"
) -> None:
    ready.commit({"submission.yaml": CODE.replace("predict.py", "predit.py")})
    ready.tag("1")
    refused = ready.push("main", "submission/1")
    ready.commit({"submission.yaml": CODE})

    mended = ready.submit("1")

    assert not refused.accepted
    assert mended.accepted
    assert "left: 2 of 3" in mended.said
    assert git.tag_commit(deployment.repository, "refs/heads/main") is None


def test_the_fourth_of_three_a_day_is_told_when_it_may_come(
    ready: "Clone", deployment: "Deployment"
) -> None:
    for number in range(1, 4):
        ready.commit({"note": str(number)})
        assert ready.submit(str(number)).accepted
        deployment.dial.now += timedelta(hours=1, seconds=7)
    ready.commit({"note": "4"})

    # Now it is 15:00:21; the first was received at 12:00:00 and leaves after 24 hours.
    pushed = ready.submit("4")

    assert not pushed.accepted
    assert pushed.said == (
        "refused: the limit of 3 submissions in 24 hours is reached\n"
        "the next is allowed at 2027-06-16T12:00:00Z, in 21 h 0 min\n"
        "nothing of this push was stored, and no quota was used: push the same tag again then\n"
    )
    deployment.dial.now = deployment.dial.now.replace(hour=11, minute=59, second=59)
    deployment.dial.now += timedelta(days=1)
    assert not ready.submit("4").accepted
    deployment.dial.now += timedelta(seconds=1)
    assert ready.submit("4").accepted


def test_every_limit_that_is_reached_is_named(ready: "Clone", deployment: "Deployment") -> None:
    deployment.set_limits(per_day=1, total=1, concurrent=1, failed_per_day=1)
    ready.submit("1")
    ready.commit({"note": "2"})

    pushed = ready.submit("2")

    assert pushed.said == (
        "refused: the limit of 1 submission in 24 hours is reached\n"
        "refused: the limit of 1 submission in all is reached\n"
        "refused: the limit of 1 submission at a time is reached: 1 has not ended\n"
        "nothing of this push was stored, and no quota was used\n"
    )


def test_failures_by_ones_own_fault_are_limited(ready: "Clone", deployment: "Deployment") -> None:
    deployment.set_limits(per_day=None, failed_per_day=1)
    ready.submit("1")
    deployment.fail_next()
    ready.commit({"note": "2"})

    assert ready.submit("2").said.startswith(
        "refused: the limit of 1 failure in 24 hours is reached\n"
        "the next is allowed at 2027-06-16T12:00:00Z, in 24 h 0 min\n"
    )


def test_a_fault_of_the_organizers_gives_the_quota_back(
    ready: "Clone", deployment: "Deployment"
) -> None:
    deployment.set_limits(per_day=1)
    ready.submit("1")
    deployment.fail_next("organizer")
    ready.commit({"note": "2"})

    assert ready.submit("2").accepted


def test_a_wait_beyond_the_end_of_the_phase_is_said(
    ready: "Clone", deployment: "Deployment"
) -> None:
    deployment.set_limits(per_day=1)
    deployment.dial.now = deployment.dial.now.replace(month=8, day=31)
    ready.submit("1")
    ready.commit({"note": "2"})

    assert "the phase closes before that, at 2027-08-31T23:59:59Z\n" in ready.submit("2").said


def test_many_pushes_at_once_never_exceed_a_limit_of_one(deployment: "Deployment") -> None:
    deployment.set_limits(per_day=None, concurrent=1)
    clones = []
    for number in range(8):
        one = deployment.new_clone()
        one.commit({"submission.yaml": CODE, "predict.py": f"{number}\n"})
        clones.append(one)
    results = at_once([partial(one.submit, str(number)) for number, one in enumerate(clones)])

    assert [pushed.accepted for pushed in results].count(True) == 1
    refusals = [pushed.said for pushed in results if not pushed.accepted]
    assert all("the limit of 1 submission at a time is reached" in said for said in refusals)
    assert len(list_submissions(deployment.platform.database)) == 1


def test_one_commit_pushed_by_two_people_at_once_is_one_submission(
    ready: "Clone", deployment: "Deployment"
) -> None:
    for name in ("a", "b", "c", "d"):
        ready.tag(name)
    results = at_once([partial(ready.push, f"submission/{name}") for name in ("a", "b", "c", "d")])

    [one] = list_submissions(deployment.platform.database)
    assert all(pushed.accepted for pushed in results)
    assert sum(pushed.said.startswith("accepted: ") for pushed in results) == 1
    assert one.confirmed_at is not None


def test_teams_do_not_share_limits(ready: "Clone", deployment: "Deployment") -> None:
    deployment.set_limits(per_day=1)
    assert ready.submit("1").accepted
    other = deployment.new_clone()
    other.remote = ensure_repository(deployment.platform, "pixels")
    other.commit({"submission.yaml": CODE, "predict.py": "print('hello')\n"})

    assert other.submit("1", person=2, team="pixels").accepted


def test_a_member_of_another_team_is_refused(ready: "Clone") -> None:
    pushed = ready.push("main", person=2)

    assert not pushed.accepted
    assert pushed.said == (
        "refused: this is the repository of the team voxels, not yours\n"
        "nothing of this push was stored, and no quota was used\n"
    )


def test_a_revoked_member_is_refused(ready: "Clone") -> None:
    pushed = ready.submit("1", person=3)

    assert not pushed.accepted
    assert pushed.said.startswith("refused: The organizers withdrew access")


def test_a_platform_that_does_not_answer_refuses_submissions_and_lets_branches_pass(
    ready: "Clone", deployment: "Deployment", tmp_path: Path
) -> None:
    ready.environment["DIYCHALLENGE_SOCKET"] = str(tmp_path / "nobody.sock")

    refused, passed = ready.submit("1"), ready.push("main")

    assert not refused.accepted
    assert refused.said == (
        "refused: the platform did not answer, so this submission could not be registered.\n"
        "  Nothing was stored and no quota was used: please push it again in a minute.\n"
    )
    assert passed.accepted
    assert passed.said == "The platform did not answer; your branches are stored all the same.\n"
    assert git.submission_tags(deployment.repository) == {}


@pytest.mark.parametrize("ref", ["refs/notes/commits", "refs/replace/1", "refs/submission/1"])
def test_a_platform_that_does_not_answer_lets_nothing_else_pass(
    ready: "Clone", tmp_path: Path, ref: str
) -> None:
    ready.environment["DIYCHALLENGE_SOCKET"] = str(tmp_path / "nobody.sock")

    assert not ready.push(f"main:{ref}").accepted


def test_a_submission_behind_very_many_branches_does_not_pass_unanswered(
    ready: "Clone", tmp_path: Path
) -> None:
    ready.environment["DIYCHALLENGE_SOCKET"] = str(tmp_path / "nobody.sock")
    branches = [f"main:refs/heads/{number}" for number in range(201)]

    assert not ready.push(*branches, "main:refs/tags/submission/1").accepted


def test_a_branch_with_an_odd_line_separator_in_its_name_is_stored(ready: "Clone") -> None:
    assert ready.push("main:refs/heads/a\u2028b").accepted


def test_a_lost_confirmation_only_delays(ready: "Clone", deployment: "Deployment") -> None:
    (deployment.repository / "hooks" / "post-receive").write_text("#!/bin/sh\nexit 0\n")
    assert ready.submit("1").accepted
    assert acquire(deployment.platform.database, "worker-1", deployment.dial()) is None

    deployment.dial.now += timedelta(minutes=1)
    report = sweep_platform(deployment.platform)

    assert report.confirmed == [1]
    assert acquire(deployment.platform.database, "worker-1", deployment.dial()) is not None


def test_a_push_that_dies_after_the_answer_uses_no_quota(
    ready: "Clone", deployment: "Deployment"
) -> None:
    # The tag's own lock file makes git fail after the hook has accepted.
    lock = deployment.repository / "refs/tags/submission/1.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    assert not ready.submit("1").accepted
    deployment.dial.now += timedelta(minutes=1)

    report = sweep_platform(deployment.platform)
    lock.unlink()

    assert report.withdrawn == [1]
    assert "left: 2 of 3" in ready.submit("1").said
    assert [one.id for one in list_submissions(deployment.platform.database)] == [2]


def test_a_push_that_is_repeated_before_the_sweep_keeps_its_number(
    ready: "Clone", deployment: "Deployment"
) -> None:
    lock = deployment.repository / "refs/tags/submission/1.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    ready.submit("1")
    lock.unlink()

    again = ready.submit("1")

    assert again.accepted
    assert "submission 1\n" in again.said
    one = get(deployment.platform.database, 1)
    assert one.confirmed_at is not None
    assert find_tag(deployment.platform, one) == "refs/tags/submission/1"


def test_a_second_tag_stands_in_for_one_that_was_lost(
    ready: "Clone", deployment: "Deployment"
) -> None:
    lock = deployment.repository / "refs/tags/submission/1.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    ready.submit("1")

    ready.submit("2")

    assert get(deployment.platform.database, 1).tag == "refs/tags/submission/2"


def test_git_refuses_a_pack_that_is_too_large(ready: "Clone", deployment: "Deployment") -> None:
    git.ensure_bare_repository(
        deployment.repository, hook_python=sys.executable, hook_script=Path(git_hook.__file__),
        max_push_bytes=100_000,
    )  # fmt: skip
    ready.commit({"noise": os.urandom(200_000)})

    pushed = ready.submit("1")

    assert not pushed.accepted
    assert "pack exceeds maximum allowed size" in pushed.stderr


def test_hooks_of_an_older_version_are_mended(ready: "Clone", deployment: "Deployment") -> None:
    (deployment.repository / "hooks" / "pre-receive").unlink()
    (deployment.repository / "config").write_text("[core]\n\tbare = true\n")

    ensure_repository(deployment.platform, "voxels")

    assert ready.submit("1").said.startswith("accepted: ")


def test_many_requests_make_one_repository(deployment: "Deployment") -> None:
    shutil.rmtree(deployment.repository)

    at_once([lambda: ensure_repository(deployment.platform, "voxels") for _ in range(8)])

    assert sorted(path.name for path in deployment.platform.state.git.iterdir()) == ["voxels.git"]
    assert git.submission_tags(deployment.repository) == {}


def test_the_hook_needs_nothing_but_the_standard_library(
    ready: "Clone", deployment: "Deployment", tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere" / "hook.py"
    alone.parent.mkdir()
    shutil.copy(git_hook.__file__, alone)
    git.ensure_bare_repository(
        deployment.repository, hook_python=sys.executable, hook_script=alone,
        max_push_bytes=1_000_000,
    )  # fmt: skip

    assert ready.submit("1").accepted


def test_a_hook_without_its_variables_fails_closed(ready: "Clone") -> None:
    del ready.environment["DIYCHALLENGE_SOCKET"]

    assert not ready.submit("1").accepted


def test_a_tag_that_is_stored_after_its_reservation_was_taken_back_is_told_so(
    deployment: "Deployment",
) -> None:
    sha, ref = "a" * 40, "refs/tags/submission/1"
    report = {
        "protocol": 1, "person": "1", "team": "voxels", "refs_complete": True,
        "refs": [{"ref": ref, "old": "0" * 40, "new": sha}], "tags": [{"ref": ref, "commit": sha}],
    }  # fmt: skip

    answer = answer_post_receive(
        deployment.platform, json.dumps(report).encode(), deployment.dial()
    )

    assert answer.text == (
        "warning: submission/1 was stored too late to be registered; please tag this commit once"
        " more under another name, and push that\n"
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff" * 100, b"[" * 100_000, b" " * 5_000_000])
def test_rubbish_for_the_platform_is_answered(deployment: "Deployment", body: bytes) -> None:
    answer = answer_pre_receive(deployment.platform, body, deployment.dial())

    assert not answer.accept
    assert answer.text.startswith("refused: the platform did not understand its git hook")
    assert not answer_post_receive(deployment.platform, body, deployment.dial()).accept


def test_rubbish_for_the_hook_is_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", git_hook.__file__, "pre-receive"],
        check=False, input=b"\xff\x00 rubbish", capture_output=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stdout.startswith(b"refused: the platform did not answer")
    assert done.stderr == b""


def at_once(actions: list[Callable[[], Result]]) -> list[Result]:
    """Run all actions in threads that start together."""
    results: dict[int, Result] = {}
    start = threading.Barrier(len(actions))

    def run(index: int, action: Callable[[], Result]) -> None:
        start.wait()
        results[index] = action()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[index] for index in range(len(actions))]
