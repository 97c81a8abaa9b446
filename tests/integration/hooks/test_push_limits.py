"""Limits hold in the push itself, for each team, and when many push at once."""

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from blueprint.ledger.submissions import list_submissions
from blueprint.people.team_standings import set_standing
from tests.integration.hooks.pushes import CODE, NAMED, at_once

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment

pytestmark = pytest.mark.usefixtures("where")  # on SQLite and on PostgreSQL


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
    ready.commit({"submission.yaml": NAMED})
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
    assert sum("accepted: brain-tissue" in pushed.said for pushed in results) == 1
    assert sum("accepted before: brain-tissue" in pushed.said for pushed in results) == 3
    assert one.confirmed_at is not None


def test_teams_do_not_share_limits(ready: "Clone", deployment: "Deployment") -> None:
    deployment.set_limits(per_day=1)
    assert ready.submit("1").accepted
    other = deployment.new_clone()
    other.remote = deployment.ensure_repository("pixels")
    other.commit({"submission.yaml": CODE, "predict.py": "print('hello')\n"})

    assert other.submit("1", person=2, team="pixels").accepted


def test_a_member_of_another_team_is_refused(ready: "Clone") -> None:
    pushed = ready.push("main", person=2)

    assert not pushed.accepted
    assert pushed.said == (
        "refused: this is the repository of the team voxels, not yours\n"
        "nothing of this push was stored, and no quota was used\n"
    )


def test_a_team_that_was_disqualified_is_refused_and_told_why(
    ready: "Clone", deployment: "Deployment", noon: datetime
) -> None:
    set_standing(deployment.platform, "voxels", "disqualified", "two accounts", by="olga", now=noon)

    pushed = ready.submit("1")

    assert not pushed.accepted
    assert pushed.said.startswith(
        "refused: the team voxels was disqualified on 2027-06-15: two accounts\n"
    )


def test_a_revoked_member_is_refused(ready: "Clone") -> None:
    pushed = ready.submit("1", person=3)

    assert not pushed.accepted
    assert pushed.said.startswith("refused: The organizers withdrew access")
