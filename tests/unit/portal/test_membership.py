"""A member of a team is one by approval: what a team code opens before and after."""

import re
from typing import Any

import pytest
from sqlalchemy import insert

from blueprint.database.schema import submissions
from blueprint.people.agreements import accept
from blueprint.people.approval import approve, revoke
from blueprint.people.team_codes import join_code
from blueprint.people.team_standings import set_standing
from blueprint.people.teams import find_team, member_count


@pytest.fixture
def submission(portal):
    """A submission of ada's team, with a log."""
    portal.approved()
    person, now = portal.person(), portal.hands.now
    row = {
        "id": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue",
        "team_id": person.team_id, "person_id": person.id, "commit_sha": "a" * 40,
        "tag": "refs/tags/submission/1", "kind": "code", "manifest": {}, "nonce": "n",
        "state": "published", "state_since": now, "note": "", "received_at": now,
        "confirmed_at": now, "receipt": {"receipt": 1, "submission": 1},
    }  # fmt: skip
    with portal.platform.database.write() as connection:
        connection.execute(insert(submissions).values(row))
    return 1


def code_of(page: Any) -> Any:
    return re.search(r'<code class="copy">([^<]+)<', page.text)


def joiner(portal: Any, username: str = "eve") -> Any:
    """Return the browser of somebody who registered with ada's team's code."""
    team = find_team(portal.platform.database, "voxel-works")
    assert team is not None
    code = join_code(portal.platform.state, team)
    browser = portal.browser()
    browser.send("/portal/register", {**portal.form(username, ""), "team_code": code})
    portal.confirmed(browser, username)
    browser.send("/portal/agreement/data-use", {"accept": "yes"})
    return browser


def test_who_registered_with_the_code_reads_nothing_of_the_team_before_approval(portal, submission):
    eve = joiner(portal)

    account = eve.get("/portal/account")
    listed = eve.get("/portal/submissions")

    assert code_of(account) is None
    assert "ada" not in account.text.split("<main", 1)[1]
    assert "<table" not in listed.text
    assert eve.get("/portal/submissions/state.json").json()["submissions"] == []
    for page in ("1", "1/state.json", "1/receipt.json"):
        assert eve.get(f"/portal/submissions/{page}").status_code == 404


def test_after_approval_the_member_reads_what_the_team_has(portal, submission):
    eve = joiner(portal)

    approve(portal.platform, "eve", by="test", now=portal.hands.now)

    assert code_of(eve.get("/portal/account")) is not None
    assert eve.get("/portal/submissions/1").status_code == 200
    assert eve.get("/portal/submissions/1/receipt.json").json()["submission"] == 1


def test_a_revoked_member_reads_nothing_even_with_a_session_that_was_left(portal, submission):
    eve = joiner(portal)
    approve(portal.platform, "eve", by="test", now=portal.hands.now)

    revoke(portal.platform, "eve", by="test", now=portal.hands.now)

    assert eve.get("/portal/submissions/1").url.path == "/portal/login"


def test_people_who_wait_do_not_fill_a_team(portal, submission):
    limit = portal.platform.challenge.people.teams.max_members
    for number in range(limit + 2):
        joiner(portal, f"eve-{number}")

    with portal.platform.database.read() as connection:
        assert member_count(connection, portal.person().team_id) == 1
    assert portal.person(f"eve-{limit + 1}").team_slug == "voxel-works"


def test_a_member_rotates_the_code_and_the_old_one_opens_nothing(portal, submission):
    ada = portal.browser()
    ada.send("/portal/login", {"username": "ada", "password": portal.password})
    old = code_of(ada.get("/portal/account"))[1]

    new = code_of(ada.send("/portal/team/code", {}, page="/portal/account"))[1]
    page = portal.browser().send("/portal/register", {**portal.form("eve", ""), "team_code": old})

    assert new != old
    assert page.status_code == 422
    assert "is not the code of a team" in page.text.replace("Is not", "is not")


def test_a_team_that_is_out_is_told_so_and_not_how_to_submit(portal, submission):
    set_standing(
        portal.platform, "voxel-works", "disqualified", "two accounts", by="x", now=portal.hands.now
    )
    ada = portal.browser()

    page = ada.send("/portal/login", {"username": "ada", "password": portal.password})

    assert "The team Voxel Works was disqualified on 2027-06-15: two accounts." in page.text
    assert "git push origin" not in page.text
    assert "submissions are open" not in page.text


def test_who_waits_cannot_rotate_the_code(portal, submission):
    eve = joiner(portal)
    hidden, before = (
        eve.hidden("/portal/account"),
        find_team(portal.platform.database, "voxel-works"),
    )

    answer = eve.http.post("/portal/team/code", data=hidden)

    assert answer.status_code == 409
    assert find_team(portal.platform.database, "voxel-works") == before


def test_accepting_twice_does_not_make_a_member(portal, submission):
    eve = joiner(portal)
    accept(portal.platform, portal.person("eve").id, "data-use", portal.hands.now)

    assert eve.get("/portal/submissions/1").status_code == 404
