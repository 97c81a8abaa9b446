"""Registering: what is taken, what is refused, and that all faults come at once."""

import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from blueprint.database.schema import accounts, audit, teams
from blueprint.errors import BlueprintError, ConflictError, InputError, NotFoundError
from blueprint.people.agreements import accept
from blueprint.people.approval import approve, verify
from blueprint.people.forms import FormFaults
from blueprint.people.password_identity import authenticate
from blueprint.people.person import find_person, list_people
from blueprint.people.registration import (
    Registration,
    confirm_registration,
    list_pending,
    request_registration,
)
from blueprint.people.team_codes import join_code
from blueprint.people.teams import candidates_of, find_team, members_of
from blueprint.platform import Platform
from tests.people import register, text_of, token_in


def test_a_new_person_founds_a_team_and_has_an_agreement_to_accept(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    person = register(platform, form, noon)

    assert (person.username, person.email, person.status) == (
        "ada", "ada@example.org", "registered",
    )  # fmt: skip
    assert (person.team_slug, person.team_name) == ("alpha", "Alpha")
    assert person.answers == {"affiliation": "Example University"}
    assert find_person(platform.database, "ADA") == person
    assert find_person(platform.database, "ada@example.ORG") == person


def test_all_faults_of_the_form_come_at_once(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    broken = replace(
        form,
        username="-Ada!",
        email="ada",
        name="Ada\u202eecilA",
        password="short",
        password_again="shorter",
        team_name="!!!",
        answers={"orcid": "1\n2"},
    )

    with pytest.raises(FormFaults) as caught:
        register(platform, broken, noon)

    assert set(caught.value.fields) == {
        "username", "email", "name", "password", "password_again", "team_name",
        "answers.affiliation", "answers.orcid",
    }  # fmt: skip
    with platform.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(accounts)).scalar() == 0
        assert connection.execute(select(func.count()).select_from(teams)).scalar() == 0


@pytest.mark.parametrize(
    "username",
    ["", "Ada Lovelace", "ada_l", "../ada", "a" * 40, "42", "root", "admin", "git", "ädä", "a.b"],
)
def test_usernames_that_are_no_slug_or_look_official_are_refused(
    platform: Platform, form: Registration, noon: datetime, username: str
) -> None:
    with pytest.raises(FormFaults) as caught:
        register(platform, replace(form, username=username), noon)

    assert set(caught.value.fields) == {"username"}


@pytest.mark.parametrize(
    "email",
    ["a@b", "a b@example.org", "a@example.org\nBcc: x@y.org", "@example.org", "a@-x.org",
     "a..b@example.org", f"{'a' * 65}@example.org", "a@exa mple.org", "<a@example.org>"],
)  # fmt: skip
def test_addresses_that_mail_could_not_reach_are_refused(
    platform: Platform, form: Registration, noon: datetime, email: str
) -> None:
    with pytest.raises(FormFaults) as caught:
        register(platform, replace(form, email=email), noon)

    assert set(caught.value.fields) == {"email"}


@pytest.mark.parametrize(
    "password",
    ["", "elevenchars", "aaaaaaaaaaaaaaaa", "adaadaadaada", "ada@example.org", "x" * 257],
)
def test_weak_passwords_are_refused(
    platform: Platform, form: Registration, noon: datetime, password: str
) -> None:
    with pytest.raises(FormFaults) as caught:
        register(platform, replace(form, password=password), noon)

    assert set(caught.value.fields) == {"password"}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Alpha", "alpha"),
        ("Zürich  Imaging / 2027", "zurich-imaging-2027"),
        ("a" * 60, "a" * 39),
        ("../etc/passwd", "etc-passwd"),
    ],
)
def test_the_team_name_becomes_a_slug(
    platform: Platform, form: Registration, noon: datetime, name: str, slug: str
) -> None:
    assert register(platform, replace(form, team_name=name), noon).team_slug == slug
    found = find_team(platform.database, slug)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "name",
    [
        "\u0410lpha",  # a Cyrillic A that looks like the Latin one
        "Alph\u03b1",  # a Greek alpha
        "Team \u6771\u4eac",
        "\uff21lpha",  # full-width
        "\U0001d400lpha",  # mathematical bold
        "A\u034flpha",  # an invisible mark
        "Alpha\u3164",  # a filler that Unicode calls a letter
        "Alpha\u2800",  # a Braille pattern without dots
        "Alpha\ufe0f",  # a variation selector
        "A\u0336l\u0336pha",  # struck through
        "Z" + "\u0301" * 12 + "algo",
        "Alpha \u2160",  # a Roman one
        "Alpha\u00a02",  # a blank that is none
    ],
)
def test_team_names_that_could_pass_for_another_are_refused(
    platform: Platform, form: Registration, noon: datetime, name: str
) -> None:
    with pytest.raises(FormFaults) as caught:
        register(platform, replace(form, team_name=name), noon)

    assert set(caught.value.fields) == {"team_name"}


@pytest.mark.parametrize(
    "name",
    [
        "Ecole Sup\u00e9rieure",
        "Vi\u1ec7t Nam",
        "Stra\u00dfe & S\u00f8n",
        "Brain \U0001f9e0",
        "Zu\u0308rich",
    ],
)
def test_team_names_with_accents_and_pictures_are_taken(
    platform: Platform, form: Registration, noon: datetime, name: str
) -> None:
    shown = register(platform, replace(form, team_name=name), noon).team_name

    assert shown == unicodedata.normalize("NFC", name)


def test_a_team_name_of_sixty_thousand_signs_is_refused_at_once(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    # Putting these in order takes time that grows with their square: about two seconds.
    heavy = "a" + "\u0323\u0301" * 30_000
    began_s = time.thread_time()
    unicodedata.normalize("NFKC", heavy)
    composing_s = time.thread_time() - began_s

    began_s = time.thread_time()
    with pytest.raises(FormFaults, match="name a new team"):
        register(platform, replace(form, team_name=heavy, team_code=heavy), noon)
    with pytest.raises(FormFaults, match="longer than 80"):
        register(platform, replace(form, team_name=heavy), noon)
    assert time.thread_time() - began_s < composing_s / 2


def test_names_addresses_and_teams_are_given_once(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    register(platform, form, noon)

    with pytest.raises(FormFaults) as caught:
        register(platform, replace(form, email="eve@example.org", team_name="ALPHA"), noon)

    assert set(caught.value.fields) == {"username", "team_name"}


def test_before_the_link_is_opened_there_is_no_account_and_the_names_are_reserved(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    mail = request_registration(platform, form, noon)

    assert mail is not None
    assert find_person(platform.database, "ada") is None
    assert find_team(platform.database, "alpha") is None
    assert authenticate(platform.database, "ada", form.password) is None
    assert [one.username for one in list_pending(platform, noon)] == ["ada"]
    with pytest.raises(FormFaults) as caught:
        request_registration(platform, replace(form, email="eve@example.org"), noon)
    assert set(caught.value.fields) == {"username", "team_name"}
    # After three days the link is spent, and the names are free.
    later = noon + timedelta(days=3)
    assert request_registration(platform, replace(form, email="eve@example.org"), later)
    with pytest.raises(InputError, match="used before or is older"):
        confirm_registration(platform, token_in(mail), form.password, later)


def test_the_link_needs_the_password_and_works_once(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    mail = request_registration(platform, form, noon)
    assert mail is not None
    token = token_in(mail)

    assert confirm_registration(platform, token, "a guess of somebody", noon) is None
    person = confirm_registration(platform, token, form.password, noon)

    assert person is not None
    assert person.email_verified_at == noon
    with pytest.raises(InputError):
        confirm_registration(platform, token, form.password, noon)
    assert list_pending(platform, noon) == []


def test_an_address_with_an_account_gets_the_same_answer_and_its_owner_a_mail(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    register(platform, form, noon)
    stranger = replace(form, username="eve", team_name="Beta")

    known = request_registration(platform, stranger, noon)
    new = request_registration(
        platform, replace(stranger, username="eva", email="new@example.org", team_name="C"), noon
    )

    assert known is not None
    assert new is not None
    told = text_of(known)
    assert "you have\nthe account 'ada'" in told.replace("\r\n", "\n")
    assert "/portal/confirm/" not in told
    # The names are reserved alike, so that a second form does not tell the two apart.
    for name, team in (("eve", "Beta"), ("eva", "C")):
        again = replace(form, username=name, email="third@example.org", team_name=team)
        with pytest.raises(FormFaults) as caught:
            request_registration(platform, again, noon)
        assert set(caught.value.fields) == {"username", "team_name"}
    assert [one.username for one in list_pending(platform, noon)] == ["eva"]
    for name in ("eve", "eva"):
        assert authenticate(platform.database, name, form.password) is None


def test_nobody_fills_a_mailbox_by_registering(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    mails = [
        request_registration(platform, replace(form, username=f"ada-{n}", team_name=f"T{n}x"), noon)
        for n in range(5)
    ]

    assert [mail is not None for mail in mails] == [True, True, True, False, False]


def test_an_organizer_vouches_for_an_address(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    request_registration(platform, form, noon)

    person = verify(platform, "ada", by="olga", now=noon)

    assert (person.status, person.email_verified_at) == ("registered", noon)
    assert authenticate(platform.database, "ada", form.password) == person
    assert verify(platform, "ada", by="olga", now=noon) == person
    with pytest.raises(NotFoundError, match="no registration of 'eve'"):
        verify(platform, "eve", by="olga", now=noon)
    with platform.database.read() as connection:
        actors = connection.execute(select(audit.c.actor, audit.c.action)).all()
    assert [tuple(row) for row in actors] == [("olga", "person.registered")]


def test_nobody_is_vouched_for_under_the_password_of_somebody_else(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    """Whoever knows a name and an address can register them too, with another password."""
    own = request_registration(platform, form, noon)
    forged = replace(form, password="a password of mallory")
    assert request_registration(platform, forged, noon + timedelta(minutes=1)) is not None
    assert own is not None

    with pytest.raises(ConflictError, match="2 registrations of 'ada'") as refused:
        verify(platform, "ada", by="olga", now=noon)

    assert "outbox" in str(refused.value.hint)
    assert list_people(platform.database) == []
    assert confirm_registration(platform, token_in(own), form.password, noon) is not None
    assert authenticate(platform.database, "ada", forged.password) is None


def test_who_has_not_confirmed_cannot_be_approved_and_the_hint_says_how(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    request_registration(platform, form, noon)

    with pytest.raises(NotFoundError, match="not confirmed the mail address") as refused:
        approve(platform, "ada", by="olga", now=noon)

    assert "people verify ada" in str(refused.value.hint)


def test_a_team_code_joins_and_the_team_can_be_full(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    register(platform, form, noon)
    team = find_team(platform.database, "alpha")
    assert team is not None
    code = join_code(platform.state, team)
    joining = replace(form, team_name="", team_code=f" {code.upper()} ")

    second = register(platform, replace(joining, username="bob", email="b@example.org"), noon)

    assert second.team_slug == "alpha"
    assert candidates_of(platform.database, "alpha") == ["ada", "bob"]
    assert members_of(platform.database, "alpha") == []
    for username in ("ada", "bob"):
        one = find_person(platform.database, username)
        assert one is not None
        accept(platform, one.id, "data-use", noon)
        approve(platform, username, by="olga", now=noon)
    with pytest.raises(FormFaults, match="full"):
        register(platform, replace(joining, username="eve", email="e@example.org"), noon)


@pytest.mark.parametrize("code", ["alpha", "alpha.aaaaaaaaaaaaaaaa", ".", "älpha.x", "beta." * 50])
def test_a_guessed_team_code_opens_nothing(
    platform: Platform, form: Registration, noon: datetime, code: str
) -> None:
    register(platform, form, noon)
    other = replace(form, username="eve", email="e@example.org", team_name="", team_code=code)

    with pytest.raises(FormFaults) as caught:
        register(platform, other, noon)

    assert set(caught.value.fields) == {"team_code"}


def test_exactly_one_of_team_name_and_code_is_given(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    for team in (replace(form, team_name=""), replace(form, team_code="alpha.x")):
        with pytest.raises(FormFaults) as caught:
            register(platform, team, noon)
        assert set(caught.value.fields) == {"team_name"}


def test_registration_keeps_its_dates(
    make_platform: Callable[..., Platform], form: Registration, noon: datetime
) -> None:
    dates = {"opens": "2027-06-01", "closes": "2027-06-15"}
    platform = make_platform(registration=dates)

    register(platform, form, noon)
    with pytest.raises(ConflictError, match="is closed"):
        register(platform, form, noon + timedelta(days=1))
    with pytest.raises(ConflictError, match="has not opened yet"):
        register(platform, form, noon - timedelta(days=30))


def test_two_at_the_same_moment_do_not_get_the_same_name(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    refused: list[FormFaults] = []

    def attempt(number: int) -> None:
        try:
            request_registration(platform, replace(form, email=f"a{number}@example.org"), noon)
        except FormFaults as faults:
            refused.append(faults)

    _together([partial(attempt, number) for number in range(4)])

    assert len(refused) == 3
    assert [one.username for one in list_pending(platform, noon)] == ["ada"]


def test_of_two_uses_of_a_link_at_the_same_moment_one_makes_the_account(
    platform: Platform, form: Registration, noon: datetime
) -> None:
    mail = request_registration(platform, form, noon)
    assert mail is not None
    token, done, late = token_in(mail), [], []

    def use() -> None:
        try:
            done.append(confirm_registration(platform, token, form.password, noon))
        except BlueprintError as error:
            late.append(error)

    _together([use] * 4)

    assert (len(done), len(late)) == (1, 3)
    assert list_people(platform.database) == done


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
