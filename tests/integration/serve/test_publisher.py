"""The publisher makes the site what the database says, whoever changed that and went away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blueprint import audit
from blueprint.people.team_standings import rename_team, set_standing
from blueprint.platform import Platform
from blueprint.serve.publisher import Publisher
from tests.integration.evaluation.bench import NOW, make_platform


class CountingPublisher(Publisher):
    """Counts the builds instead of making them: when one is due is what is tested."""

    builds = 0

    def _build(self) -> int:
        self.builds += 1
        return 0


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = make_platform(tmp_path)
    yield made
    made.database.close()


def correct(platform: Platform) -> None:
    with platform.database.write() as connection:
        audit.append(connection, NOW, "olga", "correction.published", "tissue/public", {})


CHANGES: dict[str, Callable[[Platform], object]] = {
    "standing": lambda platform: set_standing(
        platform, "alpha", "withdrawn", "asked to leave", by="olga", now=NOW
    ),
    "name": lambda platform: rename_team(platform, "alpha", "Beta", by="olga", now=NOW),
    "correction": correct,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_command_that_was_killed_before_it_made_the_board_leaves_none_that_is_old(
    platform: Platform, change: Callable[[Platform], object]
) -> None:
    publisher = CountingPublisher(platform)
    for _ in range(2):
        publisher.look()
    assert publisher.builds == 1

    change(platform)

    for _ in range(2):
        publisher.look()
    assert publisher.builds == 2
    publisher.close()
