"""Provisioning Keycloak: what is written, what is found changed, what an interruption costs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection

from blueprint.adapters.keycloak import LoginToKeycloakError, ServiceLogin
from blueprint.errors import InputError, ToolError
from blueprint.provision.wanted_identity import return_url_of
from tests.stack.bench.running import free_ports
from tests.stack.identity.realm import Cut, Provisioned, Wire

OWN = "client diychallenge-brain-tissue"
MADE = [
    "realm demo: made",
    "user profile: attributes set",
    "required action TERMS_AND_CONDITIONS: defaultAction, enabled set",
    "text termsText: set",
    "client scope groups: made",
    "client scope groups: mapper groups made",
    "client scope ssh_public_keys: made",
    "client scope ssh_public_keys: mapper ssh_public_keys made",
    f"{OWN}: made",
    (f"{OWN}: given rights manage-clients, manage-realm, manage-users, query-groups, query-users,"
    " view-events, view-users"),
    "client portal: made",
    "client git: made",
    *(f"group /{name}: made"
      for name in ("pending", "participants", "organizers", "data-providers", "teams")),
    "group /pending: given to whoever registers",
]  # fmt: skip


@pytest.fixture
def realm(keycloak_server, tmp_path) -> Provisioned:
    return Provisioned(keycloak_server, tmp_path)


def by_hand(realm: Provisioned) -> KeycloakAdmin:
    """Return somebody who has the bootstrap secret and too much time."""
    login = realm.login
    return KeycloakAdmin(connection=KeycloakOpenIDConnection(
        server_url=login.url, realm_name=realm.name, user_realm_name="master",
        grant_type="client_credentials", client_id=login.client, client_secret_key=login.secret,
    ))  # fmt: skip


def test_an_empty_keycloak_gets_everything_and_then_nothing(realm: Provisioned) -> None:
    first, second = Wire(), Wire()

    assert realm.converge(first) == MADE
    assert len(first.writes) == len(MADE)
    assert realm.converge(second) == []
    assert second.writes == []


def test_an_interruption_after_each_write_costs_nothing(realm: Provisioned) -> None:
    for done in range(len(MADE)):
        wire = Wire(cut_after=1)  # killed after each write, it goes on from there every time
        with pytest.raises(Cut):
            realm.converge(wire)
        assert len(wire.writes) == 1, MADE[done]
    wire = Wire()
    assert realm.converge(wire) == []
    assert wire.writes == []


def _change_realm(admin: KeycloakAdmin, name: str, **fields: Any) -> None:
    admin.update_realm(name, {**admin.get_realm(name), **fields})


def _change_client(admin: KeycloakAdmin, name: str, **fields: Any) -> None:
    client = admin.get_client(admin.get_client_id(name))
    admin.update_client(client["id"], {**client, **fields})


def _remove_mapper(admin: KeycloakAdmin) -> None:
    scope = admin.get_client_scope_by_name("groups")
    assert scope is not None
    admin.delete_mapper_from_client_scope(scope["id"], scope["protocolMappers"][0]["id"])


def _add_mapper(admin: KeycloakAdmin) -> None:
    scope = admin.get_client_scope_by_name("groups")
    assert scope is not None
    admin.add_mapper_to_client_scope(scope["id"], {
        "name": "generous", "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {"claim.name": "groups", "claim.value": "/organizers"},
    })  # fmt: skip


def _open_profile(admin: KeycloakAdmin) -> None:
    profile = admin.get_realm_users_profile()
    for one in profile["attributes"]:
        if one["name"] == "agreement_status":
            one["permissions"]["edit"] = ["admin", "user"]
    admin.update_realm_users_profile({**profile, "unmanagedAttributePolicy": "ENABLED"})


def _give_to_all(admin: KeycloakAdmin, name: str) -> None:
    group = admin.get_group_by_path("/organizers")["id"]
    admin.connection.raw_put(f"admin/realms/{name}/default-groups/{group}", data="{}")


Drift = Callable[[KeycloakAdmin, str], object]
DRIFTS: dict[str, tuple[Drift, list[str]]] = {
    "brute force is off": (
        lambda admin, name: _change_realm(admin, name, bruteForceProtected=False),
        ["realm demo: bruteForceProtected set"],
    ),
    "a return address is added": (
        lambda admin, _: _change_client(admin, "portal", redirectUris=[
            *admin.get_client(admin.get_client_id("portal"))["redirectUris"],
            "https://evil.example.org/*",
        ]),
        ["client portal: redirectUris set"],
    ),
    "a mapper is gone": (
        lambda admin, _: _remove_mapper(admin),
        ["client scope groups: mapper groups made"],
    ),
    "a group is gone": (
        lambda admin, _: admin.delete_group(admin.get_group_by_path("/data-providers")["id"]),
        ["group /data-providers: made"],
    ),
    "passwords may be short": (
        lambda admin, name: _change_realm(admin, name, passwordPolicy="length(4)"),
        ["realm demo: passwordPolicy set"],
    ),
    "a mapper is added": (
        lambda admin, _: _add_mapper(admin),
        ["client scope groups: mapper generous taken out"],
    ),
    "people may edit what was decided": (
        lambda admin, _: _open_profile(admin),
        ["user profile: attributes, unmanagedAttributePolicy set"],
    ),
    "whoever registers is an organizer": (
        _give_to_all,
        ["group /organizers: no longer given to whoever registers"],
    ),
    "a client has another secret": (
        lambda admin, _: _change_client(admin, "git", secret="another-secret-of-somebody"),
        ["client git: secret set"],
    ),
    "mail goes elsewhere": (
        lambda admin, name: _change_realm(admin, name, smtpServer={
            **admin.get_realm(name)["smtpServer"], "host": "evil.example.org"}),
        ["realm demo: smtpServer set"],
    ),
}  # fmt: skip


def test_what_was_changed_by_hand_is_put_right_and_nothing_else(realm: Provisioned) -> None:
    realm.converge()
    for drift, (change, expected) in DRIFTS.items():
        change(by_hand(realm), realm.name)
        wire, after = Wire(), Wire()

        assert realm.converge(wire) == expected, drift
        assert len(wire.writes) == len(expected), drift
        assert realm.converge(after) == [], drift
        assert after.writes == [], drift


def test_what_others_made_is_left_alone(realm: Provisioned) -> None:
    realm.converge()
    admin = by_hand(realm)
    admin.create_group({"name": "friends"})
    admin.create_client({"clientId": "of-others", "description": "theirs"})
    _change_realm(admin, realm.name, loginTheme="keycloak", bruteForceProtected=False)

    assert realm.converge() == ["realm demo: bruteForceProtected set"]

    assert admin.get_group_by_path("/friends")["name"] == "friends"
    assert admin.get_client(admin.get_client_id("of-others"))["description"] == "theirs"
    assert admin.get_realm(realm.name)["loginTheme"] == "keycloak"


def test_a_new_mail_password_is_written_once(realm: Provisioned) -> None:
    realm.converge()
    realm.secrets["mail-password"] = "the-new-one"

    assert realm.converge() == ["realm demo: attributes set"]
    assert realm.converge() == []
    assert realm.secrets["mail-password"] not in str(by_hand(realm).get_realm(realm.name))


def test_the_realm_s_own_client_provisions_from_then_on(realm: Provisioned) -> None:
    realm.converge()
    (client,) = (one for one in realm.wanted.clients if one.rights)
    own = ServiceLogin(realm.server.url, realm.name, client.name, realm.secrets[client.secret])
    _change_realm(by_hand(realm), realm.name, bruteForceProtected=False)

    assert realm.converge(login=own) == ["realm demo: bruteForceProtected set"]
    assert realm.converge(login=own) == []


def test_a_wrong_secret_is_said_so_and_not_shown(realm: Provisioned) -> None:
    wrong = replace(realm.login, secret="wrong-s3cr3t")

    with pytest.raises(LoginToKeycloakError) as caught:
        realm.realm(login=wrong).log_in()
    assert "s3cr3t" not in f"{caught.value} {caught.value.hint}"


def test_a_missing_secret_is_named_before_anything_is_made(realm: Provisioned) -> None:
    del realm.secrets["identity-portal-secret"]
    wire = Wire()

    with pytest.raises(InputError, match="secret identity-portal-secret"):
        realm.converge(wire)
    assert wire.writes == []


def test_a_keycloak_that_does_not_answer_is_said_so(realm: Provisioned) -> None:
    (port,) = free_ports(1)
    nobody = replace(realm.login, url=f"http://127.0.0.1:{port}")

    with pytest.raises(ToolError, match="cannot be reached"):
        realm.realm(login=nobody).log_in()


def test_the_portal_s_return_address_is_the_only_one(realm: Provisioned) -> None:
    realm.converge()
    admin = by_hand(realm)

    assert admin.get_client(admin.get_client_id("portal"))["redirectUris"] == [
        return_url_of(realm.plan, "portal")
    ]
