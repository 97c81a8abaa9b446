"""The outbox of access changes: what has held for long is forgotten, what has not never is."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from blueprint.database.schema import access_changes
from blueprint.people.access_changes import forget_done, mark_done, note_change, people_to_settle
from blueprint.people.person import Person
from blueprint.platform import Platform

DAY = timedelta(days=1)


def noted(platform: Platform) -> list[str]:
    query = select(access_changes.c.why).order_by(access_changes.c.id)
    with platform.database.read() as connection:
        return list(connection.execute(query).scalars())


def test_what_has_held_for_90_days_is_forgotten_and_what_has_not_held_never_is(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada = enrol()
    with platform.database.write() as connection:
        connection.execute(access_changes.delete())
        for why, days in (("old", 91), ("young", 89), ("open", 4000)):
            note_change(connection, ada.id, why, noon - days * DAY)
    by_name = {}
    with platform.database.read() as connection:
        for row in connection.execute(select(access_changes)):
            by_name[row.why] = row.id
    mark_done(platform.database, [by_name["old"]], noon - 91 * DAY)
    mark_done(platform.database, [by_name["young"]], noon - 89 * DAY)

    assert forget_done(platform.database, noon) == 1

    assert noted(platform) == ["young", "open"]
    assert people_to_settle(platform.database) == (ada.id,)
    assert forget_done(platform.database, noon) == 0
