"""What the portal does not take, and what its answers forbid."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest


def test_a_form_larger_than_its_bound_is_refused(portal):
    browser = portal.browser()
    hidden = browser.hidden("/portal/login")

    page = browser.http.post("/portal/login", data={**hidden, "username": "x" * 70_000})

    assert page.status_code == 413


def test_wrong_passwords_sent_together_are_not_all_compared(portal):
    browsers = [portal.browser() for _ in range(12)]
    forms = [{**browser.hidden("/portal/login"), "username": "ada"} for browser in browsers]

    def guess(number):
        form = {**forms[number], "password": f"guess {number}"}
        return browsers[number].http.post("/portal/login", data=form).status_code

    with ThreadPoolExecutor(12) as pool:
        answers = sorted(pool.map(guess, range(12)))

    assert answers == [401] * 5 + [429] * 7


def test_registrations_from_one_address_are_bounded(portal):
    browser = portal.browser()
    hidden = browser.hidden("/portal/register")

    answers = [browser.http.post("/portal/register", data=hidden).status_code for _ in range(61)]

    assert answers == [422] * 60 + [429]


def test_a_form_that_does_not_arrive_in_time_is_not_waited_for(portal, monkeypatch):
    monkeypatch.setattr("blueprint.portal.forms.ARRIVES_WITHIN_S", 0.1)
    url = portal.browser().http.base_url

    with socket.create_connection((url.host, url.port), timeout=20) as client:
        client.sendall(
            b"POST /portal/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\na="
        )
        assert client.recv(12) == b"HTTP/1.1 408"


def test_a_form_of_very_many_fields_is_refused(portal):
    browser = portal.browser()

    page = browser.http.post("/portal/login", data={f"f{number}": "" for number in range(101)})

    assert page.status_code == 400


@pytest.mark.parametrize(
    "body", [b"csrf=%ff%fe", b"csrf=\xff", b"username=a\x00b&password=%00", b"&&&==&", b""]
)
def test_a_form_that_cannot_be_read_is_refused_in_words(portal, body):
    answer = portal.browser().http.post(
        "/portal/login",
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code in (400, 403)
    assert "<h1>This form" in answer.text


def test_other_kinds_of_forms_are_refused(portal):
    answer = portal.browser().http.post("/portal/login", files={"file": b"x"})

    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/portal/login", "/portal/static/portal.css", "/portal/nothing"])
def test_no_answer_may_be_framed_sniffed_or_scripted_from_elsewhere(portal, path):
    headers = portal.browser().get(path).headers

    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "form-action 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_pages_are_never_kept_by_the_browser(portal):
    browser = portal.approved()

    for path in ("/portal/account", "/portal/tokens", "/portal/submissions"):
        assert browser.get(path).headers["cache-control"] == "no-store"


def test_the_sites_style_sheet_is_the_portals_too(portal):
    answer = portal.browser().get("/portal/static/site.css")

    assert answer.status_code == 200
    assert "--accent" in answer.text


@pytest.mark.parametrize("path", ["/portal/static/../app.py", "/portal/static/%2e%2e/app.py"])
def test_nothing_beside_the_static_files_is_served(portal, path):
    assert portal.browser().get(path).status_code == 404


def test_no_page_needs_a_script_or_a_style_in_its_text(portal):
    browser = portal.approved()

    for path in ("account", "keys", "tokens", "submissions", "agreement/data-use"):
        html = browser.get(f"/portal/{path}").text
        assert " style=" not in html
        assert "<style" not in html
        assert "onclick" not in html
