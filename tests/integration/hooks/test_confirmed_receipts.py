"""A receipt is given out for a stored tag alone: pushes that git refuses, stalls or loses."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blueprint import audit
from blueprint.adapters import git
from blueprint.intake.confirmation import answer_post_receive
from blueprint.intake.receipts import parse_receipt, verify_receipt
from blueprint.ledger.leases import acquire
from blueprint.ledger.reservations import Push, reserve
from blueprint.ledger.submissions import get, list_submissions
from blueprint.ledger.withdrawals import withdraw
from blueprint.signing import parse_public
from tests.integration.hooks.pushes import NAMED, wait_until

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment, Pushed
    from tests.integration.hooks.front import Front

# Git's `reference-transaction` hook runs between pre-receive and post-receive.
STALL = """\
#!/bin/sh
[ "$1" = {when} ] || exit 0
: > '{reached}'
while [ -e '{hold}' ]; do sleep 0.02; done
"""


@pytest.fixture
def far(ready: "Clone", front: "Front") -> "Clone":
    """A clone with a submission in order, which pushes through the gateway."""
    ready.remote = front.remote()
    return ready


@contextmanager
def stalled_push(
    clone: "Clone", repository: Path, name: str, ended: "list[Pushed]", when: str = "prepared"
) -> Iterator[None]:
    """Push, and keep git between its two hooks until the block ends.

    Either before it stores the tag ("prepared") or after ("committed").
    """
    hold, reached = repository / "test-hold", repository / "test-reached"
    hold.touch()
    hook = repository / "hooks" / "reference-transaction"
    hook.write_text(STALL.format(reached=reached, hold=hold, when=when))
    hook.chmod(0o700)
    pushing = threading.Thread(target=lambda: ended.append(clone.submit(name)))
    pushing.start()
    try:
        wait_until(reached.exists)
        hook.unlink()
        yield
    finally:
        hold.unlink()
        pushing.join(timeout=60)


def demand_good_receipt(deployment: "Deployment", number: int) -> None:
    one = get(deployment.platform.database, number)
    public = parse_public((deployment.platform.state.keys / "receipts.pub").read_text())
    receipt = verify_receipt(parse_receipt(json.dumps(dict(one.receipt)).encode()), public)
    assert (receipt.submission, receipt.commit, receipt.tag) == (number, one.commit_sha, one.tag)
    assert git.tag_commit(deployment.repository, one.tag) == one.commit_sha


def demand_nothing_was_promised(pushed: "Pushed") -> None:
    assert not pushed.accepted
    assert "accepted: " not in pushed.said
    assert "signed with" not in pushed.said


def test_an_atomic_push_that_git_refuses_is_never_called_accepted(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    assert far.push("main:refs/heads/topic/one").accepted
    far.tag("1")

    # A branch `topic` cannot stand beside `topic/one`: git refuses it, and with it the tag.
    pushed = far.push("--atomic", "submission/1", "main:refs/heads/topic")

    demand_nothing_was_promised(pushed)
    assert git.submission_tags(deployment.repository) == {}
    assert [dict(one.receipt) for one in list_submissions(deployment.platform.database)] == [{}]
    assert front.sweep_afterwards().withdrawn == [1]
    assert far.submit("1").said.splitlines()[-4].startswith("accepted: ")


def test_a_stored_tag_called_submission_costs_no_try(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    assert far.push("main").accepted
    far_away = far.git("rev-parse", "HEAD")
    block = ["update-ref", "refs/tags/submission", far_away]
    far.git(f"--git-dir={deployment.repository}", *block)

    pushed = far.submit("1")

    demand_nothing_was_promised(pushed)
    assert "'refs/tags/submission' exists" in pushed.stderr
    front.sweep_afterwards()
    assert list_submissions(deployment.platform.database) == []
    assert far.push("--delete", "refs/tags/submission").accepted
    assert "left: 2 of 3" in far.submit("1").said


def test_a_tag_called_submission_is_refused(far: "Clone", deployment: "Deployment") -> None:
    pushed = far.push("main:refs/tags/submission")

    assert not pushed.accepted
    assert pushed.said == (
        "refused: submission: no submission could be stored beside a tag of this name; after"
        " submission/ comes a name, such as submission/1\n"
        "nothing of this push was stored, and no quota was used\n"
    )


def test_a_push_that_is_still_running_is_never_swept(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended):
        deployment.dial.now += timedelta(minutes=20)
        report = front.sweep()

    assert report.withdrawn == []
    assert ended[0].accepted
    assert "accepted: brain-tissue/preliminary, submission 1\n" in ended[0].said
    demand_good_receipt(deployment, 1)


def test_what_was_taken_back_under_a_stalled_push_is_put_back(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended):
        deployment.dial.now += timedelta(minutes=2)
        withdrawn = front.sweep_from_elsewhere().withdrawn
        during = list_submissions(deployment.platform.database)

    assert (withdrawn, during) == ([1], [])
    assert ended[0].accepted
    assert "accepted: brain-tissue/preliminary, submission 1\n" in ended[0].said
    demand_good_receipt(deployment, 1)
    one = get(deployment.platform.database, 1)
    assert one.received_at == deployment.dial.now - timedelta(minutes=2)
    lease = acquire(deployment.platform.database, "worker-1", deployment.dial())
    assert lease is not None
    assert lease.submission_id == 1
    assert audit.verify(deployment.platform.database).problem == ""


def test_what_was_taken_back_is_put_back_after_the_deadline_too(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    deployment.dial.now = deployment.dial.now.replace(month=8, day=31, hour=23, minute=59)
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended):
        deployment.dial.now += timedelta(minutes=5)  # the phase closed in between
        front.sweep_from_elsewhere()

    assert ended[0].accepted
    assert get(deployment.platform.database, 1).received_at.hour == 23
    demand_good_receipt(deployment, 1)


def test_a_try_that_was_used_otherwise_meanwhile_is_not_given_twice(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    deployment.set_limits(per_day=None, total=1)
    far.commit({"submission.yaml": NAMED})
    other = deployment.new_clone()
    other.remote = front.remote()
    other.commit({"submission.yaml": NAMED, "predict.py": "print('other')\n"})
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended):
        deployment.dial.now += timedelta(minutes=2)
        front.sweep_from_elsewhere()
        assert other.submit("2").accepted

    assert ended[0].accepted  # git stored the tag: nothing can make it say otherwise
    assert "accepted: " not in ended[0].said
    assert (
        "not registered: submission/1 was stored more than a minute after it was checked, and"
        " its try was used otherwise meanwhile\n"
        "  the limit of 1 submission in all is reached\n"
    ) in ended[0].said
    front.sweep()
    assert [one.id for one in list_submissions(deployment.platform.database)] == [2]


def test_no_receipts_are_collected_before_a_deadline(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    assert far.push("main:refs/heads/topic/one").accepted
    deployment.dial.now = deployment.dial.now.replace(month=8, day=31, hour=23, minute=59)
    said = ""
    for number in (1, 2, 3):
        far.commit({"submission.yaml": f"{NAMED}description: try {number}\n"})
        far.tag(str(number))
        said += far.push("--atomic", f"submission/{number}", "main:refs/heads/topic").said
    deployment.dial.now += timedelta(minutes=2)

    late = far.push("submission/1")

    assert "signed with" not in said
    assert all(not one.receipt for one in list_submissions(deployment.platform.database))
    assert not late.accepted
    assert "'preliminary' closed at 2027-08-31T23:59:59Z" in late.said
    front.sweep_afterwards()
    assert list_submissions(deployment.platform.database) == []


def test_an_answer_that_is_lost_after_the_tag_was_stored_tells_where_to_look(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended):
        deployment.socket.rename(deployment.socket.with_suffix(".away"))

    assert ended[0].accepted
    assert "signed with" not in ended[0].said
    assert ended[0].said.endswith(
        "stored: submission/1; but the platform did not answer: its receipt cannot be shown here\n"
        "  it is registered within a few minutes: look in the portal before you push again\n"
    )
    assert dict(get(deployment.platform.database, 1).receipt) == {}
    assert front.sweep().confirmed == [1]
    demand_good_receipt(deployment, 1)


def test_a_commit_that_was_pushed_again_meanwhile_is_answered_with_that_receipt(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended):
        deployment.dial.now += timedelta(minutes=2)
        assert front.sweep_from_elsewhere().withdrawn == [1]
        assert "accepted: brain-tissue/preliminary, submission 2\n" in far.submit("2").said

    assert ended[0].accepted
    assert "accepted before: brain-tissue/preliminary, submission 2\n" in ended[0].said
    assert front.sweep().reinstated == []
    assert [one.id for one in list_submissions(deployment.platform.database)] == [2]


def test_a_sweep_between_git_and_its_last_hook_changes_nothing_for_the_pusher(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended, when="committed"):
        assert front.sweep().confirmed == [1]

    assert "accepted: brain-tissue/preliminary, submission 1\n" in ended[0].said
    demand_good_receipt(deployment, 1)


def test_a_phase_that_a_deploy_removed_meanwhile_stops_no_sweep(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended):
        deployment.dial.now += timedelta(minutes=2)
        front.sweep_from_elsewhere()
        challenge = deployment.platform.challenge
        without = challenge.model_copy(update={"phases": challenge.phases[1:]})
        deployment.platform = replace(deployment.platform, challenge=without)

    assert "not registered: submission/1" in ended[0].said
    assert "the phase preliminary is no more\n" in ended[0].said
    assert front.sweep().reinstated == []


def test_a_key_that_is_lost_meanwhile_delays_the_receipt_and_stops_no_sweep(
    far: "Clone", front: "Front", deployment: "Deployment"
) -> None:
    key = deployment.platform.state.keys / "receipts.key"
    ended: list[Pushed] = []
    with stalled_push(far, deployment.repository, "1", ended):
        key.rename(key.with_suffix(".away"))

    report = front.sweep_afterwards()
    far.commit({"note": "2"})
    refused = far.submit("2")
    key.with_suffix(".away").rename(key)

    assert ended[0].said.splitlines()[-2].startswith("stored: submission/1; but the platform did")
    [problem] = report.problems
    assert "receipts.key: the key that signs receipts is gone" in problem
    assert not refused.accepted
    assert refused.said.startswith("refused: the platform did not answer")
    assert front.sweep_afterwards().confirmed == [1]
    demand_good_receipt(deployment, 1)


def test_a_late_tag_brings_its_own_submission_back_and_confirms_no_other(
    deployment: "Deployment",
) -> None:
    # One commit for two phases: the first tag stalled and was taken back, the second is not stored.
    platform, now = deployment.platform, deployment.dial()
    challenge, commit = platform.challenge, "5" * 40
    first, second = (
        Push("brain-tissue", phase.id, phase.tasks[0], 1, 1, "ada", commit, f"refs/tags/{tag}",
             "code", {})
        for phase, tag in zip(challenge.phases, ("submission/1", "submission/2"), strict=False)
    )  # fmt: skip
    with platform.database.write() as connection:
        assert withdraw(connection, reserve(connection, first, now), now)
        reserve(connection, second, now)

    body = {
        "protocol": 2, "username": "ada", "team": "voxels", "refs_complete": True,
        "refs": [{"ref": first.tag, "old": "0" * 40, "new": "6" * 40}],
        "tags": [{"ref": first.tag, "commit": commit}],
    }  # fmt: skip
    answer = answer_post_receive(platform, json.dumps(body).encode(), now)

    assert f"accepted: brain-tissue/{first.phase}, submission 1\n" in answer.text
    ours, others = get(platform.database, 1), get(platform.database, 2)
    assert (ours.tag, ours.confirmed_at) == (first.tag, now)
    assert (others.tag, others.confirmed_at, others.receipt) == (second.tag, None, {})
