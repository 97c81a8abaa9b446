"""A push that the platform does not answer, or that dies half way."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blueprint.adapters import git
from blueprint.intake.confirmation import sweep_platform
from blueprint.intake.remote_repositories import RemoteRepositories
from blueprint.intake.repositories import Repositories, embedded_repositories
from blueprint.ledger.leases import acquire
from blueprint.ledger.submissions import get, list_submissions

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment


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


def of_this_disk(deployment: "Deployment") -> Repositories:
    return embedded_repositories(deployment.platform)


def of_a_server(deployment: "Deployment") -> Repositories:
    url = f"file://{deployment.platform.state.git}"
    return RemoteRepositories(url, deployment.platform.addresses, deployment.socket.parent)


@pytest.mark.parametrize("repositories", [of_this_disk, of_a_server])
def test_a_lost_confirmation_only_delays(
    ready: "Clone",
    deployment: "Deployment",
    repositories: "Callable[[Deployment], Repositories]",
) -> None:
    (deployment.repository / "hooks" / "post-receive").write_text("#!/bin/sh\nexit 0\n")
    assert ready.submit("1").accepted
    assert acquire(deployment.platform.database, "worker-1", deployment.dial()) is None

    deployment.dial.now += timedelta(minutes=1)
    report = sweep_platform(deployment.platform, repositories(deployment))

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

    report = deployment.sweep()
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
    assert one.tag == "refs/tags/submission/1"
    assert git.submission_tags(deployment.repository) == {one.tag: one.commit_sha}


def test_a_second_tag_stands_in_for_one_that_was_lost(
    ready: "Clone", deployment: "Deployment"
) -> None:
    lock = deployment.repository / "refs/tags/submission/1.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    ready.submit("1")

    ready.submit("2")

    assert get(deployment.platform.database, 1).tag == "refs/tags/submission/2"
