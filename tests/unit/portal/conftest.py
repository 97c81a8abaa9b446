"""A real portal over HTTP on a real database, with a clock that the test moves."""

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from blueprint.config.load import load
from blueprint.config.scaffold import Answers, render_challenge_yaml
from blueprint.database.connection import open_sqlite
from blueprint.people.approval import approve
from blueprint.people.person import Person, find_person
from blueprint.platform import Platform
from blueprint.portal.app import make_portal
from blueprint.portal.services import PortalServices
from blueprint.signing import ensure_signing_key
from blueprint.state import StateFolder
from tests.local_addresses import LOCAL
from tests.people import text_of

PASSWORD = "a long enough secret"


@dataclass
class Hands:
    """What a test moves: the time, and what it sees of signals."""

    now: datetime
    signals: list[str] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def wait(self, **length: float) -> None:
        self.now += timedelta(**length)


class Browser:
    """Opens pages and sends forms with their hidden fields, as a person's browser does."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, trust_env=False, timeout=60)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def hidden(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the page's form."""
        html = self.get(path).text
        return dict(
            re.findall(r'type="hidden" name="(csrf|text_sha256|next)" value="([^"]*)"', html)
        )

    def send(self, path: str, fields: dict[str, str], *, page: str = "") -> httpx.Response:
        """Open a page (by default the one posted to) and send its form."""
        return self.http.post(path, data={**self.hidden(page or path), **fields})


@dataclass
class Portal:
    """The running portal, and browsers for it."""

    platform: Platform
    url: str
    hands: Hands
    password: str = PASSWORD
    browsers: list[Browser] = field(default_factory=list)

    def browser(self) -> Browser:
        """Return a browser without cookies, closed with the portal."""
        self.browsers.append(Browser(self.url))
        return self.browsers[-1]

    def person(self, username: str = "ada") -> Person:
        """Return the account as it is now."""
        person = find_person(self.platform.database, username)
        assert person is not None
        return person

    def form(self, username: str = "ada", team: str = "Voxel Works") -> dict[str, str]:
        """Return a registration that is in order."""
        return {
            "username": username,
            "name": f"{username.capitalize()} Example",
            "email": f"{username}@example.org",
            "password": PASSWORD,
            "team_name": team,
        }

    def registered(self, username: str = "ada", team: str = "Voxel Works") -> Browser:
        """Return the browser of somebody who has just registered."""
        browser = self.browser()
        page = browser.send("/portal/register", self.form(username, team))
        assert page.status_code == 200, page.text
        return self.confirmed(browser, username)

    def confirmed(self, browser: Browser, username: str = "ada") -> Browser:
        """Open the link in the mail that came to somebody's address."""
        page = browser.send(self.link_to(username), {"password": PASSWORD})
        assert page.url.path == "/portal/account", page.text
        return browser

    def link_to(self, username: str = "ada") -> str:
        """Return the path of the link in the only mail to somebody's address, and take it away."""
        (mail,) = self.mails_to(username)
        text = text_of(mail)
        mail.unlink()
        return "/portal/" + text.split("/portal/", 1)[1].split()[0]

    def mails_to(self, username: str) -> list[Path]:
        """Return the mails in the outbox that go to somebody's address."""
        mails = sorted(self.platform.state.outbox.glob("*.eml"))
        return [mail for mail in mails if f"To: {username}@example.org" in mail.read_text()]

    def approved(self, username: str = "ada", team: str = "Voxel Works") -> Browser:
        """Return the browser of somebody who was let in."""
        browser = self.registered(username, team)
        browser.send("/portal/agreement/data-use", {"accept": "yes"})
        approve(self.platform, username, by="test", now=self.hands.now)
        return browser


@pytest.fixture
def hands(noon: datetime) -> Hands:
    return Hands(noon)


@pytest.fixture
def platform(starter_folder: Path, hands: Hands) -> Iterator[Platform]:
    file = starter_folder / "challenge.yaml"
    answers = Answers("brain-tissue", "Brain tissue segmentation", "challenge@example.org")
    file.write_text(render_challenge_yaml(answers, hands.now))
    state = StateFolder(starter_folder / ".diychallenge")
    state.root.mkdir()
    database = open_sqlite(state.database)
    database.ensure_schema()
    ensure_signing_key(state.keys / "receipts.key", state.keys / "receipts.pub")
    challenge = load(file, check_data=False)
    yield Platform(challenge, starter_folder, state, database, hands.clock, LOCAL)
    database.close()


@pytest.fixture
def portal(platform: Platform, hands: Hands) -> Iterator[Portal]:
    services = PortalServices(
        sandbox_notice="The sandbox is for trying out and for known teams.",
        sftp_fingerprint="SHA256:abc",
        access_changed=lambda: hands.signals.append("access changed"),
    )
    app = Starlette(routes=[Mount("/portal", make_portal(platform, services))])
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="h11", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    running = Portal(platform, f"http://127.0.0.1:{listener.getsockname()[1]}", hands)
    try:
        yield running
    finally:
        for browser in running.browsers:
            browser.http.close()
        server.should_exit = True
        thread.join(timeout=20)
