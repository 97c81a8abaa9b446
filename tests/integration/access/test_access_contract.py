"""Whoever loses access loses every door: whoever took it, and whatever was down meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from blueprint.adapters.authorized_keys import AuthorizedKeys
from blueprint.database.schema import access_changes
from blueprint.people.approval import approve, revoke
from blueprint.platform import Platform
from blueprint.serve import access_converger, access_targets
from blueprint.serve.access_converger import AccessConverger
from blueprint.serve.health import Health
from blueprint.serve.loops import Loop
from tests.integration.access.causes import CAUSES, revoke_and_be_killed
from tests.integration.access.doors import Door
from tests.integration.git_gateway.client import wait_until

SOON_S = 2.5


def unsettled(platform: Platform) -> int:
    query = select(func.count()).where(access_changes.c.done_at.is_(None))
    with platform.database.read() as connection:
        return int(connection.execute(query).scalar_one())


@contextmanager
def converging(platform: Platform, door: Door) -> Iterator[Health]:
    """Run the converger as the platform does: nobody wakes it."""
    health = Health()
    step = AccessConverger(platform, [door.target], health).step
    loop = Loop("access", step, pause_s=1.0, health=health, after_trouble_s=1.0)
    loop.start()
    try:
        yield health
    finally:
        loop.stop()
        loop.join(10)


@pytest.mark.parametrize("cause", CAUSES)
def test_a_door_closes_whoever_took_the_access(
    door: Door, cause: str, platform: Platform, noon: datetime
) -> None:
    door.open()
    in_force = CAUSES[cause](platform, noon)

    if cause == "agreement":  # nothing was noted: found by looking at the doors that are open
        AccessConverger(in_force, [door.target], Health()).step()
    else:
        with converging(in_force, door):
            wait_until(lambda: unsettled(platform) == 0, SOON_S)

    assert door.is_open() == (cause not in door.ends_by)


def test_a_door_that_was_down_closes_when_it_is_back(
    door: Door, platform: Platform, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_targets, "_LOOP_ANSWERS_S", 0.3)
    door.open()
    with converging(platform, door), door.down():
        revoke(platform, "ada", by="olga", now=noon)
        if door.target.name != "portal sessions":
            with pytest.raises(AssertionError, match="not happen"):
                wait_until(lambda: unsettled(platform) == 0, 2)

    with converging(platform, door) as health:
        wait_until(lambda: unsettled(platform) == 0)
        wait_until(lambda: health.faults() == ())

    assert not door.is_open()


def test_a_change_whose_process_was_killed_holds_after_the_next_start(
    door: Door, platform: Platform, noon: datetime
) -> None:
    door.open()
    revoke_and_be_killed(platform, noon)
    assert unsettled(platform) > 0

    door.restart()
    with converging(platform, door):
        wait_until(lambda: unsettled(platform) == 0, SOON_S)

    assert not door.is_open()


def test_what_is_settled_is_settled_once_and_a_second_time_changes_nothing(
    door: Door, platform: Platform, noon: datetime
) -> None:
    door.open()
    revoke(platform, "ada", by="olga", now=noon)
    converger = AccessConverger(platform, [door.target], Health())

    converger.step()
    converger.step()

    assert unsettled(platform) == 0
    assert not door.is_open()


def test_somebody_else_keeps_their_access(door: Door, platform: Platform, noon: datetime) -> None:
    door.open()
    revoke(platform, "bob", by="olga", now=noon)

    AccessConverger(platform, [door.target], Health()).step()

    assert door.is_open()


def test_a_fault_of_one_door_keeps_no_other_from_closing_and_is_told(
    door: Door, platform: Platform, noon: datetime
) -> None:
    class Broken:
        name = "a server that is down"

        def apply(self, _access: Any) -> None:
            raise ConnectionRefusedError

        def read_back(self, _access: Any) -> str:
            raise ConnectionRefusedError("connection refused")

        def usernames(self) -> tuple[str, ...]:
            raise ConnectionRefusedError

    door.open()
    health = Health()
    revoke(platform, "ada", by="olga", now=noon)

    AccessConverger(platform, [Broken(), door.target], health).step()

    assert not door.is_open()
    assert unsettled(platform) > 0
    fault, survey = health.faults()
    assert survey.startswith("access survey: a server that is down cannot be asked")
    assert fault.startswith("access: not in force yet for ")
    assert "a server that is down: ConnectionRefusedError: connection refused" in fault


def test_who_is_let_in_again_finds_a_folder_of_keys_open(
    platform: Platform, keys: Any, noon: datetime, tmp_path: Any
) -> None:
    # The one door of these that has to be opened for people, and not only closed.
    folder = tmp_path / "authorized_keys"
    folder.mkdir()
    target = access_targets.KeysFolder(AuthorizedKeys(folder))
    converger = AccessConverger(platform, [target], Health())
    converger.step()
    assert sorted(path.name for path in folder.iterdir()) == ["ada", "bob"]  # eve waits

    approve(platform, "eve", by="olga", now=noon)
    converger.step()

    assert sorted(path.name for path in folder.iterdir()) == ["ada", "bob", "eve"]
    assert (folder / "eve").stat().st_mode & 0o777 == 0o644


def test_what_looking_at_open_doors_found_is_told_until_it_is_over(
    platform: Platform, keys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stuck:
        name = "a server"
        left = "the door is stuck"

        def apply(self, _access: Any) -> None:
            pass

        def read_back(self, _access: Any) -> str:
            return self.left

        def usernames(self) -> tuple[str, ...]:
            return ("ada",)

    monkeypatch.setattr(access_converger, "_FIRST_PAUSE_S", 0.05)
    door, health = Stuck(), Health()
    converger = AccessConverger(platform, [door], health)
    AccessConverger(platform, [], Health()).step()  # no change is left to settle
    assert unsettled(platform) == 0

    for _ in range(5):  # no second survey falls into this time
        converger.step()
        assert health.faults() == ("access: not in force yet for ada: a server: the door is stuck",)
        time.sleep(0.06)

    door.left = ""
    wait_until(lambda: not converger.step() and health.faults() == ())
