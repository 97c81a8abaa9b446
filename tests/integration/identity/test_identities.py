"""Passwords here and OpenID Connect elsewhere keep the same contract towards the portal."""

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.routing import Mount

from blueprint.adapters.identity_port import Identity, LoginRefusedError, LoginRequest
from blueprint.adapters.oidc import OidcIdentity
from blueprint.config.load import load
from blueprint.config.scaffold import Answers, render_challenge_yaml
from blueprint.database.connection import open_sqlite
from blueprint.database.schema import accounts
from blueprint.errors import InputError
from blueprint.people.approval import revoke
from blueprint.people.password_identity import PasswordIdentity
from blueprint.people.person import Person, find_person
from blueprint.people.registration import Registration
from blueprint.platform import Platform
from blueprint.portal.app import make_portal
from blueprint.portal.services import PortalServices
from blueprint.state import StateFolder
from tests.local_addresses import LOCAL
from tests.people import register

CLIENT_ID, CLIENT_SECRET = "diychallenge", "a secret that both know"
PASSWORD = "a quiet lake in autumn"
SERVICES = PortalServices(sandbox_notice="")


class Portal:
    """A portal with one identity, and how its people log in: the only thing that differs."""

    def __init__(self, platform: Platform, url: str, identity: Identity) -> None:
        self.platform, self.url, self.identity = platform, url, identity

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, follow_redirects=True, trust_env=False) as client:
            yield client

    def log_in(
        self, browser: httpx.Client, *, start: str = "/portal/login", good: bool = True
    ) -> httpx.Response:
        """Log ada in as a person does, or fail at it; return the page that is shown then."""
        page = browser.get(start)
        if self.identity.keeps_passwords:
            fields = {"username": "ada", "password": PASSWORD if good else "a guess of somebody"}
            hidden = re.findall(r'type="hidden" name="(csrf|next)" value="([^"]*)"', page.text)
            return browser.post("/portal/login", data={**dict(hidden), **fields})
        assert page.url.path == "/authorize"
        return browser.post(str(page.url), data={"subject": "subject-of-ada" if good else "deny"})

    def person(self) -> Person:
        """Register ada in this identity's way and return her."""
        platform = self.platform
        questions = platform.challenge.people.questions
        answers = {question.id: "somewhere" for question in questions}
        if self.identity.keeps_passwords:
            form = Registration(
                "ada", "ada@example.org", "Ada", PASSWORD, "Voxel Works", answers=answers
            )
            return register(platform, form, platform.clock())
        with self.browser() as browser:
            page = self.log_in(browser)
            assert page.url.path == "/portal/profile"
            csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
            fields = {f"answers.{name}": text for name, text in answers.items()}
            fields |= {"csrf": csrf, "name": "Ada", "team_name": "Voxel Works"}
            assert browser.post("/portal/profile", data=fields).url.path == "/portal/account"
        person = find_person(platform.database, "ada@example.org")
        assert person is not None
        return person


@pytest.fixture
def platform(starter_folder: Path, noon: datetime) -> Iterator[Platform]:
    file = starter_folder / "challenge.yaml"
    answers = Answers("brain-tissue", "Brain tissue", "challenge@example.org")
    file.write_text(render_challenge_yaml(answers, noon))
    state = StateFolder(starter_folder / ".diychallenge")
    state.root.mkdir()
    with closing(open_sqlite(state.database)) as database:
        database.ensure_schema()
        challenge = load(file, check_data=False)
        yield Platform(challenge, starter_folder, state, database, lambda: noon, LOCAL)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Run the provider in a process of its own and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    script = Path(__file__).with_name("provider.py")
    argv = [sys.executable, str(script), str(port), CLIENT_ID, CLIENT_SECRET]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/keys", process)
        yield url
        process.terminate()


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    until_s = time.monotonic() + 60
    while time.monotonic() < until_s:
        assert process.poll() is None
        try:
            httpx.get(url, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{url} does not answer")


@contextmanager
def serving(platform: Platform, make: Callable[[str], Identity]) -> Iterator[Portal]:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    identity = make(url)
    app = Starlette(routes=[Mount("/portal", make_portal(platform, SERVICES, identity))])
    config = uvicorn.Config(app, http="h11", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Portal(platform, url, identity)
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def oidc_at(provider: str) -> Callable[[str], Identity]:
    return lambda url: OidcIdentity(
        provider, CLIENT_ID, CLIENT_SECRET, f"{url}/portal/login/callback"
    )


@pytest.fixture(params=["password", "oidc"])
def portal(request: pytest.FixtureRequest, platform: Platform) -> Iterator[Portal]:
    def make(url: str) -> Identity:
        if request.param == "password":
            return PasswordIdentity(platform.database)
        return oidc_at(request.getfixturevalue("provider"))(url)

    with serving(platform, make) as made:
        yield made


@pytest.fixture
def oidc(provider: str, platform: Platform) -> Iterator[Portal]:
    with serving(platform, oidc_at(provider)) as made:
        yield made


def cookie(browser: httpx.Client) -> str:
    return str(browser.cookies.get("brain-tissue-session", ""))


def test_the_page_that_was_asked_for_is_shown_after_the_login(portal: Portal) -> None:
    portal.person()

    with portal.browser() as browser:
        page = portal.log_in(browser, start="/portal/keys")

        assert page.url.path == "/portal/keys"
        assert browser.get("/portal/account").url.path == "/portal/account"


def test_an_account_is_the_same_at_every_login(portal: Portal) -> None:
    person = portal.person()

    for _ in range(2):
        with portal.browser() as browser:
            portal.log_in(browser)

    with portal.platform.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(accounts)).scalar() == 1
        row = connection.execute(select(accounts)).one()
    assert (row.id, row.issuer) == (person.id, portal.identity.issuer)
    assert row.email == "ada@example.org"
    assert person.email_verified_at is not None
    assert (person.status, person.team_slug) == ("registered", "voxel-works")


def test_a_login_that_fails_opens_nothing(portal: Portal) -> None:
    portal.person()

    with portal.browser() as browser:
        page = portal.log_in(browser, good=False)

        assert page.status_code == 401
        assert cookie(browser) == ""
        assert browser.get("/portal/account").url.path != "/portal/account"


def test_a_person_whose_access_was_withdrawn_is_not_logged_in(portal: Portal) -> None:
    person = portal.person()
    revoke(portal.platform, person.username, by="olga", now=portal.platform.clock())

    with portal.browser() as browser:
        page = portal.log_in(browser)

        assert page.status_code in (401, 403)
        assert "access was withdrawn" in page.text.lower()
        assert cookie(browser) == ""


def test_a_login_makes_a_new_session_and_the_one_before_is_worth_nothing(portal: Portal) -> None:
    portal.person()

    with portal.browser() as browser, portal.browser() as thief:
        portal.log_in(browser)
        before = cookie(browser)
        thief.cookies.set("brain-tissue-session", before)
        page = browser.get("/portal/account")
        csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
        browser.post("/portal/logout", data={"csrf": csrf})
        portal.log_in(browser)

        assert cookie(browser) not in ("", before)
        assert thief.get("/portal/account").url.path != "/portal/account"


def begun(browser: httpx.Client, subject: str = "subject-of-ada") -> str:
    """Begin a login, agree at the provider, and return the address that it sends back to."""
    page = browser.get("/portal/login")
    answer = browser.post(str(page.url), data={"subject": subject}, follow_redirects=False)
    return answer.headers["location"]


def test_coming_back_works_once_and_in_the_browser_that_went(oidc: Portal) -> None:
    oidc.person()

    with oidc.browser() as browser, oidc.browser() as other:
        back = begun(browser)
        begun(other)
        foreign = other.get(back)
        first = browser.get(back)
        browser.cookies.delete("brain-tissue-session")
        again = browser.get(back)

    assert foreign.status_code == 400
    assert "not begun in this browser" in foreign.text
    assert first.url.path == "/portal/account"
    assert again.status_code == 400


def test_a_forged_cookie_of_a_login_is_worth_nothing(oidc: Portal) -> None:
    with oidc.browser() as browser:
        back = begun(browser)
        browser.cookies.set("brain-tissue-login", "eyJuZXh0IjoiIn0=.0000")

        assert browser.get(back).status_code == 400


def test_the_provider_demands_the_proof_key(oidc: Portal, noon: datetime) -> None:
    # Another verifier than the one whose challenge was sent: Authlib's server refuses the code.
    identity = oidc.identity
    assert isinstance(identity, OidcIdentity)
    going = identity.begin(LoginRequest({}, "", noon))
    answer = httpx.post(going.url, data={"subject": "subject-of-ada"}, trust_env=False)
    fields = {
        key: values[0]
        for key, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
    }
    swapped = re.sub(r'"verifier": "[^"]{8}', '"verifier": "AAAAAAAA', going.keep)
    assert swapped != going.keep

    with pytest.raises(LoginRefusedError, match="did not confirm"):
        identity.finish(LoginRequest(fields, "", noon, swapped))


def test_a_token_for_another_login_is_refused(oidc: Portal, noon: datetime) -> None:
    identity = oidc.identity
    assert isinstance(identity, OidcIdentity)
    going = identity.begin(LoginRequest({}, "", noon))
    answer = httpx.post(going.url, data={"subject": "subject-of-ada"}, trust_env=False)
    fields = {
        key: values[0]
        for key, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
    }
    swapped = re.sub(r'"nonce": "[^"]{8}', '"nonce": "AAAAAAAA', going.keep)

    with pytest.raises(LoginRefusedError, match="not begun"):
        identity.finish(LoginRequest(fields, "", noon, swapped))


def test_an_address_that_the_provider_did_not_verify_does_not_count(oidc: Portal) -> None:
    with oidc.browser() as browser:
        browser.get(begun(browser, "subject-of-eve"))

    with oidc.platform.database.read() as connection:
        row = connection.execute(select(accounts)).one()
    assert (row.username, row.email_verified_at) == ("eve", None)


def test_a_login_without_an_address_makes_no_account(oidc: Portal) -> None:
    with oidc.browser() as browser:
        page = browser.get(begun(browser, "subject-of-nobody"))

    assert page.status_code == 409
    assert "no mail address" in page.text
    with oidc.platform.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(accounts)).scalar() == 0


def test_a_login_under_a_name_beyond_the_standard_makes_no_account(oidc: Portal) -> None:
    with oidc.browser() as browser:
        page = browser.get(begun(browser, "s" * 256))

    assert page.status_code == 502
    assert "cannot be used" in page.text
    with oidc.platform.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(accounts)).scalar() == 0


def test_without_its_provider_the_portal_says_so(platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with serving(platform, oidc_at(nobody)) as portal, portal.browser() as browser:
        page = browser.get("/portal/login")

    assert page.status_code == 503
    assert "cannot be reached" in page.text


def test_a_provider_over_a_network_is_reached_with_tls_alone() -> None:
    with pytest.raises(InputError, match="https alone"):
        OidcIdentity("http://login.example.org", "x", "y", "https://x/portal/login/callback")


def test_a_provider_whose_address_no_account_can_keep_is_refused() -> None:
    address = "https://login.example.org/" + "i" * 230
    with pytest.raises(InputError, match="more than 255 characters"):
        OidcIdentity(address, "x", "y", "https://x/portal/login/callback")
