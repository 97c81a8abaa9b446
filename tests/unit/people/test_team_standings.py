"""What a team is to the competition, and the name that it goes by."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from blueprint.audit import verify
from blueprint.database.schema import audit
from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.people.forms import FormFaults
from blueprint.people.person import Person
from blueprint.people.registration import (
    Registration,
    confirm_registration,
    request_registration,
)
from blueprint.people.team_standings import refusal_of, rename_team, set_standing
from blueprint.people.teams import find_team
from blueprint.platform import Platform
from tests.people import token_in


def test_a_standing_has_a_reason_a_date_and_a_row_of_the_record(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    for at, standing, reason in (
        (noon, "disqualified", "trained on the test set"),
        (noon + timedelta(hours=1), "competing", "it was a misunderstanding"),
    ):
        for _ in range(2):
            team = set_standing(platform, "team-ada", standing, reason, by="olga", now=at)
        assert (team.standing, team.standing_reason) == (standing, reason)
        assert (team.standing_since, team.standing_by) == (at, "olga")

    with platform.database.read() as connection:
        rows = connection.execute(select(audit).where(audit.c.action == "team.standing")).all()
    assert [row.detail for row in rows] == [
        {"from": "competing", "to": "disqualified", "reason": "trained on the test set"},
        {"from": "disqualified", "to": "competing", "reason": "it was a misunderstanding"},
    ]
    assert verify(platform.database).problem == ""


@pytest.mark.parametrize(
    ("standing", "reason"), [("asleep", "why not"), ("withdrawn", " "), ("withdrawn", "a\nb")]
)
def test_an_unknown_standing_and_one_without_reason_change_nothing(
    platform: Platform, enrol: Callable[..., Person], noon: datetime, standing: str, reason: str
) -> None:
    enrol("ada")

    with pytest.raises(InputError) as refused:
        set_standing(platform, "team-ada", standing, reason, by="olga", now=noon)

    assert refused.value.hint
    team = find_team(platform.database, "team-ada")
    assert team is not None
    assert team.standing == "competing"
    with pytest.raises(NotFoundError, match="no team 'nobodies'"):
        set_standing(platform, "nobodies", "baseline", "x", by="olga", now=noon)


@pytest.mark.parametrize(
    ("standing", "refused"),
    [("baseline", ""), ("organizer", ""), ("competing", ""),
     ("withdrawn", "the team team ada was withdrawn on 2027-06-15: they asked for it")],
)  # fmt: skip
def test_teams_that_are_out_may_not_push_and_are_told_why(
    platform: Platform,
    enrol: Callable[..., Person],
    noon: datetime,
    standing: str,
    refused: str,
) -> None:
    person = enrol("ada")
    set_standing(platform, "team-ada", standing, "they asked for it", by="olga", now=noon)

    with platform.database.read() as connection:
        assert refusal_of(connection, person.team_id) == refused


def test_a_new_name_leaves_the_repositorys_address(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    enrol("bob")

    team = rename_team(platform, "team-ada", "Zu\u0308rich Lab", by="olga", now=noon)

    assert (team.slug, team.name) == ("team-ada", "Z\u00fcrich Lab")
    for taken in ("Team Bob", "team-bob"):
        with pytest.raises(ConflictError, match="another team"):
            rename_team(platform, "team-ada", taken, by="olga", now=noon)
    with pytest.raises(ConflictError, match="reads the same"):
        rename_team(platform, "team-bob", "zurich lab!", by="olga", now=noon)
    with pytest.raises(InputError, match="one script"):
        rename_team(platform, "team-bob", "B\u043eb and friends", by="olga", now=noon)


def test_nobody_registers_the_name_that_a_team_was_given(
    platform: Platform,
    enrol: Callable[..., Person],
    form: Registration,
    noon: datetime,
) -> None:
    enrol("ada")
    other = replace(form, username="bob", email="bob@example.org", team_name="Voxel Works")
    before = request_registration(platform, other, noon)
    assert before is not None

    rename_team(platform, "team-ada", "Voxel Works", by="olga", now=noon)

    third = replace(form, username="eve", email="eve@example.org", team_name="v\u00f6xel works")
    with pytest.raises(FormFaults) as refused:
        request_registration(platform, third, noon)
    assert set(refused.value.fields) == {"team_name"}
    with pytest.raises(ConflictError, match="exists by now"):
        confirm_registration(platform, token_in(before), other.password, noon)
