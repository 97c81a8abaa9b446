"""Accounts of people whom an identity elsewhere names."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from blueprint.adapters.identity_port import Claims
from blueprint.database.opening import open_database
from blueprint.errors import ConflictError
from blueprint.people.accounts import ensure_account
from blueprint.people.agreements import accept
from blueprint.people.forms import FormFaults
from blueprint.people.names import username_fault
from blueprint.people.person import Person, person_by_id
from blueprint.people.profiles import ProfileForm, complete_profile
from blueprint.people.roles import give_role, roles_of
from blueprint.platform import Platform

ISSUER = "https://login.example.org"
ADA = Claims(ISSUER, "0001", "Ada.Example@hospital", "Ada@Example.org", True)


def test_the_first_login_makes_an_account_and_later_ones_find_it(
    platform: Platform, noon: datetime
) -> None:
    made = ensure_account(platform, ADA, noon)
    again = ensure_account(platform, replace(ADA, username="other"), noon + timedelta(days=1))

    assert (made.username, made.email) == ("ada-example", "ada@example.org")
    assert made.email_verified_at == noon
    assert again == made


@pytest.mark.parametrize(
    ("wish", "given"),
    [("ada-example", "ada-example-2"), ("Root", "person-root"), ("42", "person-42"), ("", "eve"),
     ("\u0410\u0434\u0430", "person"), ("a" * 60, "a" * 39)],
)  # fmt: skip
def test_a_wished_username_becomes_one_that_is_good_and_free(
    platform: Platform, noon: datetime, wish: str, given: str
) -> None:
    ensure_account(platform, ADA, noon)

    made = ensure_account(platform, Claims(ISSUER, "2", wish, "eve@example.org", True), noon)

    assert made.username == given
    assert username_fault(given) is None


def test_an_address_opens_one_account_alone(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    enrol("ada")

    with pytest.raises(ConflictError, match="another account here has the mail address"):
        ensure_account(platform, ADA, noon)
    for email in ("", "nowhere"):
        with pytest.raises(ConflictError, match="no mail address"):
            ensure_account(platform, replace(ADA, email=email), noon)


def test_who_logged_in_elsewhere_registers_with_the_same_rules(
    platform: Platform, noon: datetime
) -> None:
    account = ensure_account(platform, ADA, noon)
    form = ProfileForm(" Ada ", team_name="Alpha", answers={"affiliation": "Here", "x": "y"})

    with pytest.raises(FormFaults) as faulty:
        complete_profile(platform, account, replace(form, name="", answers={}), noon)
    person = complete_profile(platform, account, form, noon)

    assert set(faulty.value.fields) == {"name", "answers.affiliation"}
    assert (person.id, person.name, person.team_slug) == (account.id, "Ada", "alpha")
    assert (person.status, person.answers) == ("registered", {"affiliation": "Here"})
    with pytest.raises(ConflictError, match="registered already"):
        complete_profile(platform, account, replace(form, team_name="Beta"), noon)


def test_an_address_that_is_verified_later_lets_in_where_nobody_decides(
    make_platform: Callable[..., Platform], noon: datetime
) -> None:
    dates = {"opens": "2027-06-01", "closes": "2027-06-30", "approval": "automatic"}
    platform = make_platform(registration=dates)
    account = ensure_account(platform, replace(ADA, is_email_verified=False), noon)
    form = ProfileForm("Ada", team_name="Alpha", answers={"affiliation": "Here"})
    complete_profile(platform, account, form, noon)
    assert accept(platform, account.id, "data-use", noon).status == "waiting"

    ensure_account(platform, ADA, noon)

    person = person_by_id(platform.database, account.id)
    assert person is not None
    assert (person.status, person.email_verified_at) == ("approved", noon)


def test_an_organizer_needs_an_account_and_no_profile(platform: Platform, noon: datetime) -> None:
    account = ensure_account(platform, ADA, noon)

    held = give_role(platform, "ada-example", "organizer", by="olga", now=noon)

    assert held == {"organizer"}
    with platform.database.read() as connection:
        assert roles_of(connection, account.id) == {"organizer"}


def test_a_login_of_the_longest_name_that_the_standard_allows_makes_an_account(
    where: Path | str, platform: Platform, noon: datetime
) -> None:
    # OpenID Connect Core 1.0, section 2: `sub` has at most 255 ASCII characters.
    longest = replace(ADA, issuer="https://login.example.org/" + "i" * 229, subject="s" * 255)
    assert (len(longest.issuer), len(longest.subject)) == (255, 255)
    with closing(open_database(where)) as database:
        there = replace(platform, database=database)

        made = ensure_account(there, longest, noon)

        assert ensure_account(there, longest, noon) == made
        assert (made.issuer, made.subject) == (longest.issuer, longest.subject)
