"""Keycloak answers to its administrator and to its service account."""

import httpx
import pytest

from tests.stack.bench.keycloak import KeycloakServer


def _token(server: KeycloakServer, **form: str) -> httpx.Response:
    url = f"{server.url}/realms/master/protocol/openid-connect/token"
    return httpx.post(url, data=form, trust_env=False, timeout=120)


@pytest.mark.parametrize("who", ["person", "service"])
def test_both_first_accounts_may_list_realms(keycloak_server, who):
    form = {
        "person": {
            "grant_type": "password", "client_id": "admin-cli",
            "username": keycloak_server.admin, "password": keycloak_server.password,
        },
        "service": {
            "grant_type": "client_credentials", "client_id": keycloak_server.client_id,
            "client_secret": keycloak_server.client_secret,
        },
    }[who]  # fmt: skip
    token = _token(keycloak_server, **form).json()["access_token"]

    realms = httpx.get(
        f"{keycloak_server.url}/admin/realms", trust_env=False, timeout=120,
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip

    assert [realm["realm"] for realm in realms.json()] == ["master"]


def test_a_wrong_secret_is_refused(keycloak_server):
    answer = _token(
        keycloak_server, grant_type="client_credentials",
        client_id=keycloak_server.client_id, client_secret="wrong",
    )  # fmt: skip

    assert answer.status_code == 401


def test_health_is_answered_on_the_management_port_alone(keycloak_server):
    inside = httpx.get(
        f"{keycloak_server.management_url}/health/ready", trust_env=False, timeout=120
    )
    outside = httpx.get(f"{keycloak_server.url}/health/ready", trust_env=False, timeout=120)

    assert inside.json()["status"] == "UP"
    assert outside.status_code == 404
