"""From registration to approval and back: agreements, decisions, and what ends with access."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from blueprint.audit import verify
from blueprint.database.schema import acceptances, accounts, audit
from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.people.admission import admission_of, admitted, may_take_part
from blueprint.people.agreements import (
    accept,
    acceptances_of,
    agreement_text,
    open_agreements,
)
from blueprint.people.approval import approve, reset, revoke
from blueprint.people.approval import verify as vouch
from blueprint.people.git_tokens import issue_token, list_tokens, token_login
from blueprint.people.person import Person, find_person, person_by_id
from blueprint.people.registration import Registration
from blueprint.people.resets import finish_reset
from blueprint.people.sessions import open_session, session_of
from blueprint.people.ssh_keys import add_key, list_keys
from blueprint.people.team_codes import join_code, rotate_code_of, team_of_code
from blueprint.people.teams import candidates_of, find_team, member_count, members_of
from blueprint.platform import Platform
from tests.people import register

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@host"


def code_of(platform: Platform, slug: str) -> str:
    team = find_team(platform.database, slug)
    assert team is not None
    return join_code(platform.state, team)


def _admitted(platform: Platform, person: Person) -> Person | None:
    with platform.database.read() as connection:
        return admitted(connection, platform.challenge, person.id)


def test_the_way_in_is_agreement_then_approval(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    with platform.database.read() as connection:
        (agreement,) = open_agreements(connection, platform.challenge, person)
    assert agreement.id == "data-use"
    assert _admitted(platform, person) is None

    person = accept(platform, person.id, "data-use", noon)
    assert person.status == "waiting"
    assert _admitted(platform, person) is None

    person = approve(platform, "ada", by="olga", now=noon)
    assert (person.status, person.decided_by, person.decided_at) == ("approved", "olga", noon)
    assert _admitted(platform, person) == person


def test_who_has_not_accepted_is_not_approved(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")

    with pytest.raises(InputError, match="has not accepted yet: data-use"):
        approve(platform, "ada", by="olga", now=noon)
    with pytest.raises(NotFoundError, match="no person 'bob'"):
        approve(platform, "bob", by="olga", now=noon)


def test_an_acceptance_pins_the_text_that_was_shown(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    shown = agreement_text(platform, "data-use")
    (platform.project / "pages" / "agreement.md").write_text("# Other terms\n", encoding="utf-8")

    with pytest.raises(ConflictError, match="changed while you were reading"):
        accept(platform, person.id, "data-use", noon, shown_sha256=shown.sha256)

    again = agreement_text(platform, "data-use")
    accept(platform, person.id, "data-use", noon, shown_sha256=again.sha256)
    with platform.database.read() as connection:
        row = connection.execute(select(acceptances)).one()
    # printf '# Other terms\n' | sha256sum
    expected = "59020fc11150641bd4b6f54c2f7ec7322f128bee4e2084f109c052eee91803b6"
    assert (row.text_sha256, row.accepted_at) == (expected, noon)


def test_accepting_twice_changes_nothing(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    accept(platform, person.id, "data-use", noon)
    accept(platform, person.id, "data-use", noon + timedelta(hours=1))

    with platform.database.read() as connection:
        assert [row.accepted_at for row in connection.execute(select(acceptances))] == [noon]


def test_a_new_version_of_an_agreement_asks_again(
    platform: Platform,
    make_platform: Callable[..., Platform],
    enrol: Callable[..., Person],
    noon: datetime,
) -> None:
    person = enrol("ada")
    accept(platform, person.id, "data-use", noon)
    person = approve(platform, "ada", by="olga", now=noon)
    newer = make_platform(agreements=[{"id": "data-use", "version": 2, "page": "agreement.md"}])

    assert _admitted(newer, person) is None
    with newer.database.read() as connection:
        admission = admission_of(newer.challenge, person, acceptances_of(connection, person.id))
    assert "data-use has a new version" in admission.reason

    assert accept(newer, person.id, "data-use", noon).status == "approved"
    assert _admitted(newer, person) is not None


def test_automatic_approval_lets_in_with_the_last_agreement(
    make_platform: Callable[..., Platform], form: Registration, noon: datetime
) -> None:
    dates = {"opens": "2027-06-01", "closes": "2027-06-30", "approval": "automatic"}
    platform = make_platform(registration=dates)
    person = register(platform, form, noon)
    assert person.status == "registered"

    person = accept(platform, person.id, "data-use", noon)

    assert (person.status, person.decided_by) == ("approved", "automatic")


def test_without_agreements_people_wait_from_the_beginning(
    make_platform: Callable[..., Platform], form: Registration, noon: datetime
) -> None:
    assert register(make_platform(agreements=[]), form, noon).status == "waiting"


def test_revoking_ends_everything_and_approving_again_brings_nothing_back(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    accept(platform, person.id, "data-use", noon)
    approve(platform, "ada", by="olga", now=noon)
    cookie, _ = open_session(platform.database, person.id, noon)
    token, _ = issue_token(platform.database, person.id, "laptop", noon)
    add_key(platform.database, person.id, KEY, "", noon)

    ended = revoke(platform, "ada", by="olga", now=noon, reason="asked to leave")

    assert (ended.sessions, ended.git_tokens, ended.ssh_keys) == (1, 1, 1)
    assert ended.person.status == "revoked"
    approve(platform, "ada", by="olga", now=noon)
    assert session_of(platform.database, cookie, noon) is None
    assert token_login(platform.database, "ada", token, noon) is None
    assert list_tokens(platform.database, person.id) == []
    assert list_keys(platform.database, person.id) == []


def test_what_a_request_under_way_left_behind_does_not_come_back_to_life(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    accept(platform, person.id, "data-use", noon)
    approve(platform, "ada", by="olga", now=noon)
    revoke(platform, "ada", by="olga", now=noon)
    # As a request would that had found her approved a moment before.
    cookie, _ = open_session(platform.database, person.id, noon)
    token, _ = issue_token(platform.database, person.id, "laptop", noon)
    assert session_of(platform.database, cookie, noon) is None
    assert token_login(platform.database, "ada", token, noon) is None

    approve(platform, "ada", by="olga", now=noon)

    assert session_of(platform.database, cookie, noon) is None
    assert token_login(platform.database, "ada", token, noon) is None


def test_decisions_may_be_repeated_and_are_recorded_once(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    accept(platform, person.id, "data-use", noon)
    for _ in range(2):
        approve(platform, "ada", by="olga", now=noon)
    for _ in range(2):
        revoke(platform, "ada", by="olga", now=noon)

    with platform.database.read() as connection:
        rows = connection.execute(select(audit.c.actor, audit.c.action).order_by(audit.c.sequence))
        recorded = [tuple(row) for row in rows]
    assert recorded == [
        ("ada", "person.registered"),
        ("ada", "agreement.accepted"),
        ("olga", "person.approved"),
        ("olga", "team.code-rotated"),
        ("olga", "person.revoked"),
    ]
    verify(platform.database)


def test_a_revoked_member_makes_room_and_comes_back_only_if_there_is_some(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    for name in ("ada", "bob"):
        code = "" if name == "ada" else code_of(platform, "team-ada")
        person = enrol(name, team_code=code)
        accept(platform, person.id, "data-use", noon)
        approve(platform, name, by="olga", now=noon)
    revoke(platform, "ada", by="olga", now=noon)
    cyd = enrol("cyd", team_code=code_of(platform, "team-ada"))
    accept(platform, cyd.id, "data-use", noon)
    approve(platform, "cyd", by="olga", now=noon)

    with pytest.raises(InputError, match=r"ada: the team team-ada is full \(2 members\)"):
        approve(platform, "ada", by="olga", now=noon)


def test_may_take_part_needs_approval_agreements_and_status(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    accepted = {("data-use", 1)}

    assert not may_take_part(platform.challenge, person, accepted)
    accept(platform, person.id, "data-use", noon)
    approved = approve(platform, "ada", by="olga", now=noon)
    assert may_take_part(platform.challenge, approved, accepted)
    assert not may_take_part(platform.challenge, approved, {("data-use", 2)})
    gone = revoke(platform, "ada", by="olga", now=noon).person
    assert not may_take_part(platform.challenge, gone, accepted)
    assert person_by_id(platform.database, person.id) == gone


def test_the_limit_of_a_team_is_kept_when_people_are_approved(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    code = code_of(platform, "team-ada")
    for name in ("bob", "cyd"):
        enrol(name, team_code=code)
    for name in ("ada", "bob", "cyd"):
        person = accept(platform, _id_of(platform, name), "data-use", noon)
        assert person.status == "waiting"
    for name in ("ada", "bob"):
        approve(platform, name, by="olga", now=noon)

    with pytest.raises(InputError, match="team-ada is full") as refused:
        approve(platform, "cyd", by="olga", now=noon)

    assert "max_members" in str(refused.value.hint)
    assert members_of(platform.database, "team-ada") == ["ada", "bob"]
    assert candidates_of(platform.database, "team-ada") == ["cyd"]


def test_automatic_approval_does_not_overfill_a_team(
    make_platform: Callable[..., Platform], form: Registration, noon: datetime
) -> None:
    dates = {"opens": "2027-06-01", "closes": "2027-06-30", "approval": "automatic"}
    platform = make_platform(registration=dates, teams={"max_members": 1})
    founder = register(platform, form, noon)
    asked = replace(form, username="bob", email="bob@example.org", team_name="")
    joining = register(platform, replace(asked, team_code=code_of(platform, "alpha")), noon)

    assert accept(platform, founder.id, "data-use", noon).status == "approved"
    assert accept(platform, joining.id, "data-use", noon).status == "waiting"
    assert founder.team_id
    with platform.database.read() as connection:
        assert member_count(connection, founder.team_id) == 1


def test_a_revocation_renews_the_teams_code_and_names_the_team(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    accept(platform, person.id, "data-use", noon)
    approve(platform, "ada", by="olga", now=noon)
    known = code_of(platform, "team-ada")

    ended = revoke(platform, "ada", by="olga", now=noon)

    assert (ended.team, ended.members_left) == ("team-ada", 0)
    with platform.database.read() as connection:
        assert team_of_code(connection, platform.state, known) is None
        now_good = code_of(platform, "team-ada")
        assert team_of_code(connection, platform.state, now_good) is not None


def test_the_organizer_renews_a_code(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")
    known = code_of(platform, "team-ada")

    rotate_code_of(platform, "team-ada", by="olga", now=noon)

    assert code_of(platform, "team-ada") != known
    with pytest.raises(NotFoundError, match="no team 'nobodies'"):
        rotate_code_of(platform, "nobodies", by="olga", now=noon)


def _id_of(platform: Platform, username: str) -> int:
    person = find_person(platform.database, username)
    assert person is not None
    return person.id


def test_automatic_approval_waits_for_a_proven_address(
    make_platform: Callable[..., Platform], form: Registration, noon: datetime
) -> None:
    dates = {"opens": "2027-06-01", "closes": "2027-06-30", "approval": "automatic"}
    platform = make_platform(registration=dates)
    person = register(platform, form, noon)
    with platform.database.write() as connection:  # as accounts of the version before are
        connection.execute(update(accounts).values(email_verified_at=None))

    assert accept(platform, person.id, "data-use", noon).status == "waiting"
    token = reset(platform, "ada", by="olga", now=noon).link.rpartition("/")[2]
    finish_reset(platform, token, "staple the horse again", noon)

    approved = person_by_id(platform.database, person.id)
    assert approved is not None
    assert (approved.status, approved.decided_by) == ("approved", "automatic")


def test_an_account_from_before_is_approved_once_its_address_is_proven(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    person = enrol("ada")
    accept(platform, person.id, "data-use", noon)
    with platform.database.write() as connection:
        connection.execute(update(accounts).values(email_verified_at=None))

    with pytest.raises(InputError, match=r"ada@example\.org is not verified") as refused:
        approve(platform, "ada", by="olga", now=noon)
    assert "people verify ada" in str(refused.value.hint)
    assert vouch(platform, "ada", by="olga", now=noon).email_verified_at == noon
    assert approve(platform, "ada", by="olga", now=noon).status == "approved"
