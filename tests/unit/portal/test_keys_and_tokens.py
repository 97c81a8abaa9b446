"""SSH keys and git tokens in the portal."""

import re

from blueprint.people.git_tokens import list_tokens, token_login
from blueprint.people.ssh_keys import list_keys

# 32 bytes counting up in place of a real key: the form does not ask who holds the private half.
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@laptop"
TOKEN = re.compile(r"dct_[A-Za-z0-9_-]{43}")


def test_a_pasted_key_is_listed_with_its_fingerprint(portal):
    page = portal.approved().send("/portal/keys", {"label": "", "public_key": KEY})

    (key,) = list_keys(portal.platform.database, portal.person().id)
    assert key.label == "ada@laptop"
    assert key.fingerprint in page.text


def test_what_is_no_key_is_refused_in_words_and_not_shown_again(portal):
    page = portal.approved().send(
        "/portal/keys", {"label": "x", "public_key": "-----BEGIN OPENSSH PRIVATE KEY-----"}
    )

    assert page.status_code == 422
    assert "is a private key" in page.text
    assert "BEGIN OPENSSH" not in page.text


def test_removing_a_key_tells_the_platform_to_judge_connections_again(portal):
    browser = portal.approved()
    browser.send("/portal/keys", {"label": "", "public_key": KEY})
    (key,) = list_keys(portal.platform.database, portal.person().id)

    browser.send(f"/portal/keys/{key.id}/remove", {}, page="/portal/keys")

    assert not list_keys(portal.platform.database, portal.person().id)
    assert portal.hands.signals == ["access changed"]


def test_nobody_can_remove_somebody_elses_key(portal):
    portal.approved().send("/portal/keys", {"label": "", "public_key": KEY})
    (key,) = list_keys(portal.platform.database, portal.person().id)
    other = portal.approved("eve", "Evil")

    page = other.send(f"/portal/keys/{key.id}/remove", {}, page="/portal/keys")

    assert page.status_code == 404
    assert list_keys(portal.platform.database, portal.person().id) == [key]


def test_a_token_is_shown_in_the_answer_that_made_it_and_never_again(portal):
    browser = portal.approved()

    made = browser.send("/portal/tokens", {"label": "laptop"})
    later = browser.get("/portal/tokens")

    (token,) = TOKEN.findall(made.text)
    assert made.headers["cache-control"] == "no-store"
    assert not TOKEN.search(later.text)
    assert "laptop" in later.text
    database, now = portal.platform.database, portal.hands.now
    assert token_login(database, "ada", token, now) is not None


def test_replacing_a_token_ends_the_old_one(portal):
    browser = portal.approved()
    database, now = portal.platform.database, portal.hands.now
    (old,) = TOKEN.findall(browser.send("/portal/tokens", {"label": "laptop"}).text)
    (item,) = list_tokens(database, portal.person().id)

    page = browser.send(f"/portal/tokens/{item.id}/rotate", {}, page="/portal/tokens")

    (new,) = TOKEN.findall(page.text)
    assert token_login(database, "ada", old, now) is None
    assert token_login(database, "ada", new, now) is not None
    assert portal.hands.signals == ["access changed"]


def test_a_revoked_token_is_gone_from_the_list(portal):
    browser = portal.approved()
    browser.send("/portal/tokens", {"label": "old laptop"})
    (item,) = list_tokens(portal.platform.database, portal.person().id)

    page = browser.send(f"/portal/tokens/{item.id}/revoke", {}, page="/portal/tokens")

    assert "old laptop" not in page.text
    assert page.url.path == "/portal/tokens"


def test_numbers_that_no_id_could_be_are_answered_with_not_found(portal):
    browser = portal.approved()

    for number in ("0", "99999999999999999999", "-1", "x", "9" * 5000):
        page = browser.send(f"/portal/tokens/{number}/revoke", {}, page="/portal/tokens")

        assert page.status_code == 404, number
