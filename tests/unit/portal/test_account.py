"""Registering, logging in and out, resetting a password, accepting the agreement."""

from email import message_from_bytes
from email.policy import default as mail_policy

import pytest

from blueprint.people.approval import approve, reset, revoke
from blueprint.people.person import find_person
from tests.people import text_of

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@host"


def test_a_registration_logs_in_and_says_what_comes_next(portal):
    browser = portal.registered()

    page = browser.get("/portal/account")

    assert "Ada Example" in page.text
    assert "/portal/agreement/data-use" in page.text
    assert "git clone" not in page.text


def test_every_fault_of_the_form_is_shown_at_once_and_nothing_typed_is_lost(portal):
    page = portal.browser().send(
        "/portal/register",
        {"username": "Ada!", "name": "Ada <b>", "email": "nowhere", "password": "tiny"},
    )

    assert page.status_code == 422
    assert page.text.count('class="fault"') == 4  # username, email, password, team
    assert 'value="Ada &lt;b&gt;"' in page.text
    assert "tiny" not in page.text
    assert find_person(portal.platform.database, "ada") is None


def test_the_answer_to_a_registration_does_not_tell_who_has_an_account(portal):
    portal.registered()
    known = {**portal.form("eve", "Beta Team"), "email": "ada@example.org"}

    answers = [
        portal.browser().send("/portal/register", form)
        for form in (known, portal.form("eva", "Gamma Team"))
    ]
    logins = [
        portal.browser().send("/portal/login", {"username": name, "password": portal.password})
        for name in ("eve", "eva")
    ]

    told = [page.text.replace("ada@example.org", "X").replace("eva@example.org", "X")
            for page in answers]  # fmt: skip
    assert answers[0].status_code == answers[1].status_code == 200
    assert told[0] == told[1]
    assert [page.status_code for page in logins] == [401, 401]
    assert "the account 'ada'" in text_of(portal.mails_to("ada")[0])


def test_a_form_without_its_hidden_token_changes_nothing(portal):
    browser = portal.browser()
    browser.get("/portal/register")

    page = browser.http.post("/portal/register", data=portal.form())

    assert page.status_code == 403
    assert find_person(portal.platform.database, "ada") is None


def test_a_hidden_token_is_good_in_its_own_browser_alone(portal):
    stolen = portal.browser().hidden("/portal/register")
    other = portal.browser()
    other.get("/portal/register")

    page = other.http.post("/portal/register", data={**portal.form(), **stolen})

    assert page.status_code == 403


def test_a_forged_visit_cookie_is_worth_nothing(portal):
    browser = portal.browser()
    browser.http.cookies.set("brain-tissue-visit", "guess.0000")

    page = browser.http.post("/portal/register", data={**portal.form(), "csrf": "0000"})

    assert page.status_code == 403


def test_the_right_password_opens_the_page_that_was_asked_for(portal):
    portal.registered()
    browser = portal.browser()

    asked = browser.get("/portal/keys")
    page = browser.send(
        str(asked.url), {"username": "ada", "password": portal.password}, page=str(asked.url)
    )

    assert asked.url.path == "/portal/login"
    assert page.url.path == "/portal/keys"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/portal//evil.example", "/portal/\\evil.example"],
)
def test_the_login_never_leads_to_another_site(portal, target):
    portal.registered()

    page = portal.browser().send(
        "/portal/login", {"username": "ada", "password": portal.password, "next": target}
    )

    assert str(page.url) == f"{portal.url}/portal/account"


def test_after_five_wrong_passwords_the_right_one_has_to_wait(portal):
    portal.registered()
    browser = portal.browser()
    wrong = [browser.send("/portal/login", {"username": "ada", "password": "x"}) for _ in range(5)]
    right = {"username": "ada", "password": portal.password}

    early = browser.send("/portal/login", right)
    portal.hands.wait(minutes=16)
    late = browser.send("/portal/login", right)

    assert {page.status_code for page in wrong} == {401}
    assert early.status_code == 429
    assert late.url.path == "/portal/account"


def test_the_session_cookie_is_out_of_scripts_reach(portal):
    portal.registered()
    browser = portal.browser()
    fields = {**browser.hidden("/portal/login"), "username": "ada", "password": portal.password}

    answer = browser.http.post("/portal/login", data=fields, follow_redirects=False)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("brain-tissue-session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_logging_in_ends_the_session_that_the_browser_had(portal):
    browser = portal.registered()
    before = browser.http.cookies["brain-tissue-session"]
    hidden = browser.hidden("/portal/account")
    browser.http.post(
        "/portal/login", data={**hidden, "username": "ada", "password": portal.password}
    )

    old = portal.browser()
    old.http.cookies.set("brain-tissue-session", before)

    assert old.get("/portal/account").url.path == "/portal/login"
    assert browser.get("/portal/account").url.path == "/portal/account"


def test_logging_out_ends_the_session(portal):
    browser = portal.registered()
    cookie = browser.http.cookies["brain-tissue-session"]

    page = browser.send("/portal/logout", {}, page="/portal/account")
    browser.http.cookies.set("brain-tissue-session", cookie)

    assert page.url.path == "/portal/login"
    assert browser.get("/portal/account").url.path == "/portal/login"


def test_a_revoked_person_is_out_at_once(portal):
    browser = portal.approved()

    revoke(portal.platform, "ada", by="test", now=portal.hands.now)

    assert browser.get("/portal/account").url.path == "/portal/login"
    again = browser.send("/portal/login", {"username": "ada", "password": portal.password})
    assert again.status_code == 401


def test_the_reset_link_sets_a_password_once(portal):
    portal.registered()
    browser = portal.browser()
    told = browser.send("/portal/forgot", {"email": "ada@example.org"})
    (mail,) = portal.platform.state.outbox.glob("*.eml")
    text = message_from_bytes(mail.read_bytes(), policy=mail_policy).get_content()
    link = "/portal/reset/" + text.split("/portal/reset/", 1)[1].split()[0]
    fields = {"password": "another long secret", "password_again": "another long secret"}

    unequal = browser.send(link, {**fields, "password_again": "no"})
    done = browser.send(link, fields)
    again = browser.get(link)

    assert "If this address has an account" in told.text
    assert unequal.status_code == 422
    assert "Your password is set" in done.text
    assert "No git token and no SSH key" in done.text
    assert again.status_code == 410
    page = browser.send("/portal/login", {"username": "ada", "password": "another long secret"})
    assert page.url.path == "/portal/account"


def test_the_reset_form_never_tells_whether_an_address_is_known(portal):
    portal.registered()

    known = portal.browser().send("/portal/forgot", {"email": "ada@example.org"})
    unknown = portal.browser().send("/portal/forgot", {"email": "eve@example.org"})

    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)


def test_the_agreement_is_shown_as_it_will_be_recorded(portal):
    browser = portal.registered()
    page = browser.get("/portal/agreement/data-use")
    hidden = browser.hidden("/portal/agreement/data-use")
    pages = portal.platform.project / "pages" / "agreement.md"
    pages.write_text(pages.read_text() + "\nOne more duty.\n")

    refused = browser.http.post("/portal/agreement/data-use", data={**hidden, "accept": "yes"})
    accepted = browser.send("/portal/agreement/data-use", {"accept": "yes"})

    assert "<h1>" in page.text
    assert refused.status_code == 409
    assert "changed while you were reading" in refused.text
    assert "Waiting for an organizer" in accepted.text


def test_the_agreement_needs_the_tick(portal):
    browser = portal.registered()

    page = browser.send("/portal/agreement/data-use", {})

    assert page.status_code == 422
    assert portal.person().status == "registered"


def test_an_approved_person_is_told_how_to_clone_download_and_submit(portal):
    page = portal.approved().get("/portal/account")

    assert "git clone http://ada@127.0.0.1:8080/git/voxel-works.git" in page.text
    assert "sftp -P 2022 ada@127.0.0.1" in page.text
    assert "git push origin submission/1" in page.text
    assert "for trying out and for known teams" in page.text


def test_a_second_member_joins_with_the_teams_code(portal):
    page = portal.approved().get("/portal/account")
    code = page.text.split('<code class="copy">', 1)[1].split("<", 1)[0]
    browser = portal.browser()

    browser.send("/portal/register", {**portal.form("bob", ""), "team_code": code})
    joined = portal.confirmed(browser, "bob").get("/portal/account")
    assert "ada" not in joined.text.split("<main", 1)[1]
    browser.send("/portal/agreement/data-use", {"accept": "yes"})
    approve(portal.platform, "bob", by="test", now=portal.hands.now)
    assert "ada, bob" in browser.get("/portal/account").text


def test_the_reset_form_offers_to_end_tokens_and_keys_and_says_what_is_left(portal):
    ada = portal.approved()
    ada.send("/portal/tokens", {"label": "laptop"})
    ada.send("/portal/keys", {"label": "", "public_key": KEY})
    link = reset(portal.platform, "ada", by="test", now=portal.hands.now).link
    path = link.removeprefix("http://127.0.0.1:8080")
    fields = {"password": "another long secret", "password_again": "another long secret"}

    form = portal.browser().get(path)
    done = portal.browser().send(path, {**fields, "end_git_tokens": "yes"})

    assert "End my git tokens too (1)" in form.text
    assert "Take my SSH keys away too (1)" in form.text
    ended, left = done.text.split("These ended:")[1].split("still in force")
    assert "1 git token" in ended
    assert "1 session of the portal" in ended
    assert "1 SSH key" in left
    assert "git token" not in left.split("You can end")[0]
    assert "access changed" in portal.hands.signals


def test_failed_logins_are_logged_and_shut_nobody_else_out(portal, caplog):
    portal.registered()
    browser = portal.browser()
    hidden = browser.hidden("/portal/login")
    for number in range(35):
        form = {**hidden, "username": f"user-{number}", "password": "a typed secret"}
        assert browser.http.post("/portal/login", data=form).status_code == 401
    browser.http.post("/portal/login", data={**hidden, "username": "ada", "password": "wrong"})

    page = browser.send("/portal/login", {"username": "ada", "password": portal.password})

    assert page.url.path == "/portal/account"
    assert "a login failed: ada from 127.0.0.1, 1 in a row" in caplog.messages
    assert "a login failed: an unknown account from 127.0.0.1, 1 in a row" in caplog.messages
    assert "secret" not in caplog.text
