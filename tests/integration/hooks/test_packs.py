"""Packs are merged while pushes go on, and nothing is lost."""

import os
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blueprint.adapters.git_packs import merge_packs, pack_count
from blueprint.errors import ToolError
from blueprint.intake.bare_repositories import BareRepositories
from blueprint.intake.repositories import embedded_repositories
from blueprint.serve.housekeeper import Housekeeper

if TYPE_CHECKING:
    from tests.integration.hooks.conftest import Clone, Deployment


def push_commits(clone: "Clone", branch: str, count: int) -> list[str]:
    """Push commits one by one, and return their ids."""
    made = []
    for number in range(count):
        made.append(clone.commit({f"{branch}.txt": f"{branch} {number}"}))
        assert clone.push(f"main:refs/heads/{branch}").accepted
    return made


def demand_whole(clone: "Clone", repository: Path, commits: list[str]) -> None:
    clone.git(f"--git-dir={repository}", "fsck", "--strict", "--no-dangling")
    for commit in commits:
        assert clone.git(f"--git-dir={repository}", "cat-file", "-t", commit) == "commit"


def test_many_packs_become_few_and_every_commit_stays(
    clone: "Clone", deployment: "Deployment"
) -> None:
    repositories = replace(embedded_repositories(deployment.platform), many_packs=8)
    commits = push_commits(clone, "work", 5)
    clone.git("reset", "--quiet", "--hard", "HEAD~3")
    commits += push_commits(clone, "other", 3)
    assert clone.push("--delete", "work").accepted  # no ref leads to three of the commits now
    assert pack_count(deployment.repository) == 8
    assert not repositories.tidy("voxels")  # not many yet
    commits += push_commits(clone, "third", 1)

    assert repositories.tidy("voxels")

    assert pack_count(deployment.repository) <= 2
    demand_whole(clone, deployment.repository, commits)


def test_pushes_go_on_while_packs_are_merged(clone: "Clone", deployment: "Deployment") -> None:
    commits = push_commits(clone, "work", 10)
    stopping = threading.Event()
    merged: list[int] = []

    def merge() -> None:
        while not stopping.is_set():
            merge_packs(deployment.repository)
            merged.append(pack_count(deployment.repository))

    merging = threading.Thread(target=merge)
    merging.start()
    try:
        commits += push_commits(clone, "work", 15)
    finally:
        stopping.set()
        merging.join()

    assert merged
    demand_whole(clone, deployment.repository, commits)


def test_a_merge_that_fails_leaves_every_pack_as_it_was(
    clone: "Clone", deployment: "Deployment"
) -> None:
    push_commits(clone, "work", 3)
    packs = sorted((deployment.repository / "objects" / "pack").glob("*.pack"))
    packs[0].chmod(0o600)
    with packs[0].open("r+b") as file:
        file.seek(20)
        file.write(b"\0" * 8)
    before = {path.name: path.read_bytes() for path in packs}

    with pytest.raises(ToolError, match="git could not merge its packs"):
        merge_packs(deployment.repository)

    assert {path.name: path.read_bytes() for path in packs} == before


def test_what_a_killed_merge_left_is_removed_after_a_day(
    clone: "Clone", deployment: "Deployment"
) -> None:
    commits = push_commits(clone, "work", 2)
    folder = deployment.repository / "objects" / "pack"
    stale, fresh, index = (folder / f"tmp_{name}" for name in ("pack_a1", "pack_b2", "idx_a1"))
    for path, age_s in ((stale, 90_000), (index, 90_000), (fresh, 80_000)):  # a day has 86,400
        path.write_bytes(b"PACK")
        os.utime(path, (time.time() - age_s,) * 2)

    assert not embedded_repositories(deployment.platform).tidy("voxels")

    assert sorted(folder.glob("tmp_*")) == [fresh]
    demand_whole(clone, deployment.repository, commits)


def test_a_repository_that_cannot_be_merged_is_tried_ever_more_seldom(
    clone: "Clone", deployment: "Deployment"
) -> None:
    push_commits(clone, "work", 3)
    pack = min((deployment.repository / "objects" / "pack").glob("*.pack"))
    pack.chmod(0o600)
    whole = pack.read_bytes()
    pack.write_bytes(whole[:20] + b"\0" * 8 + whole[28:])
    now = [deployment.platform.clock()]
    platform = replace(deployment.platform, clock=lambda: now[0])
    tries: list[int] = []

    class Counted(BareRepositories):
        def tidy(self, team: str) -> bool:
            if team == "voxels":
                tries.append(minute)
            return super().tidy(team)

    repositories = Counted(platform.state.git, platform.addresses, many_packs=2)
    housekeeper = Housekeeper(platform, repositories)
    for minute in range(0, 200, 10):
        now[0] = deployment.platform.clock() + timedelta(minutes=minute)
        housekeeper.step()
    assert tries == [0, 20, 60, 140]  # after 20, 40 and 80 minutes

    pack.write_bytes(whole)
    minute = 300  # the next try is due after 160 minutes
    now[0] = deployment.platform.clock() + timedelta(minutes=minute)
    housekeeper.step()
    assert tries[-1] == minute
    assert pack_count(deployment.repository) < 3
