"""What a plan asks of Keycloak."""

import pytest

from blueprint.provision.wanted_identity import issuer_of, return_url_of, wanted_realm
from tests.bundles import HOSTILE, plan_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("challenges")


def test_people_come_back_to_exactly_one_address(folder):
    plan = plan_of("gpus", folder)
    clients = {one.name: one for one in wanted_realm(plan).clients}

    assert issuer_of(plan) == "https://auth.challenge.example.org/realms/challenge"
    assert clients["portal"].fields["redirectUris"] == [
        "https://challenge.example.org/portal/login/callback"
    ]
    assert clients["portal"].fields["attributes"]["pkce.code.challenge.method"] == "S256"
    assert clients["git"].fields["redirectUris"] == [
        "https://git.challenge.example.org/user/oauth2/keycloak/callback"
    ]
    for name in ("portal", "git"):
        client = clients[name]
        assert return_url_of(plan, name) in client.fields["redirectUris"]
        assert not client.fields["publicClient"]
        assert not client.fields["directAccessGrantsEnabled"]
        assert not client.fields["implicitFlowEnabled"]
        assert client.rights == ()


def test_nobody_logs_in_to_the_provisioning(folder):
    plan = plan_of("gpus", folder)
    (client,) = (one for one in wanted_realm(plan).clients if one.rights)

    assert client.fields["redirectUris"] == []
    assert not client.fields["standardFlowEnabled"]
    assert "realm-admin" not in client.rights


def test_who_registers_is_pending_and_nothing_more(folder):
    wanted = wanted_realm(plan_of("one-host", folder))

    assert wanted.groups == ("/pending", "/participants", "/organizers", "/data-providers",
                             "/teams")  # fmt: skip
    assert wanted.default_groups == ("/pending",)
    assert wanted.fields["registrationAllowed"]
    assert wanted.fields["bruteForceProtected"]
    assert wanted.fields["eventsExpiration"] == 180 * 24 * 3600


def test_no_person_edits_what_organizers_decided(folder):
    profile = wanted_realm(plan_of("one-host", folder)).profile

    assert profile["unmanagedAttributePolicy"] is None
    for attribute in profile["attributes"]:
        assert attribute["permissions"]["edit"] == ["admin"]


def test_mail_goes_the_way_that_the_file_says(folder):
    without = wanted_realm(plan_of("one-host", folder))
    with_name = wanted_realm(plan_of("gpus", folder))

    assert without.mail is not None
    assert without.mail["auth"] == "false"
    assert "user" not in without.mail
    assert without.mail_secret is None
    assert with_name.mail == {
        "host": "smtp.example.org", "port": "587", "from": "challenge@example.org",
        "fromDisplayName": with_name.fields["displayName"], "starttls": "true", "ssl": "false",
        "auth": "true", "user": "challenge",
    }  # fmt: skip
    assert with_name.mail_secret == "mail-password"


def test_every_secret_is_one_of_the_plan(folder):
    plan = plan_of("gpus", folder)
    names = {one.name for one in plan.secrets}

    assert {one.secret for one in wanted_realm(plan).clients} | {"mail-password"} <= names


def test_a_hostile_title_is_shown_as_text_and_is_in_no_pattern(folder):
    wanted = wanted_realm(plan_of("hostile", folder))

    assert wanted.fields["displayName"] == HOSTILE[:100]
    assert "<" not in wanted.fields["displayNameHtml"]
    assert "{" not in wanted.texts["termsText"]
