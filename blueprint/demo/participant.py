"""A participant of the demonstration: a browser, an SSH key, an SFTP client and git."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from blueprint.clock import monotonic_s
from blueprint.demo.browser import Browser, Page
from blueprint.demo.download import Downloaded, SftpAddress, download_release, make_ssh_key
from blueprint.demo.mailbox import mailed_link
from blueprint.demo.working_copy import Answer, Author, WorkingCopy
from blueprint.errors import BlueprintError

_PATIENCE_S = 120.0
_POLL_S = 0.15
_ENDED = frozenset({"published", "failed", "cancelled", "rejected"})


@dataclass(frozen=True)
class Profile:
    """Who takes part."""

    name: str
    username: str
    email: str
    team: str
    affiliation: str
    password: str


class Participant:
    """Takes every step as a person would; `home` is the person's own folder.

    Mail comes out of the platform's outbox folder, where a server would send it on.
    """

    def __init__(self, profile: Profile, base_url: str, home: Path, outbox: Path) -> None:
        self.profile = profile
        self.home = home
        self._outbox = outbox
        self._base_url = base_url
        self._browser = Browser(base_url)
        self._copy: WorkingCopy | None = None
        home.mkdir(parents=True)

    def __enter__(self) -> Self:
        """Return the participant."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the browser."""
        self._browser.__exit__(kind, error, trace)

    @property
    def copy(self) -> WorkingCopy:
        """The clone of the team's repository."""
        if self._copy is None:
            raise BlueprintError(f"{self.profile.username} has not cloned yet")
        return self._copy

    def register(self) -> Page:
        """Fill in the registration form."""
        profile = self.profile
        return self._browser.submit(
            "/portal/register",
            {
                "name": profile.name,
                "username": profile.username,
                "email": profile.email,
                "password": profile.password,
                "team_name": profile.team,
                "answers.affiliation": profile.affiliation,
            },
        )

    def confirm(self) -> Page:
        """Open the link in the mail, and log in with it."""
        link = mailed_link(self._outbox, self.profile.email)
        return self._browser.submit(link, {"password": self.profile.password})

    def accept(self, agreement: str) -> Page:
        """Read the agreement and accept it."""
        return self._browser.submit(f"/portal/agreement/{agreement}", {"accept": "yes"})

    def upload_ssh_key(self) -> Path:
        """Make a key pair and put the public half into the portal."""
        key = self.home / "id_ed25519"
        public = make_ssh_key(key)
        self._browser.submit("/portal/keys", {"label": "laptop", "public_key": public})
        return key

    def download(self, release: str, port: int, key: Path) -> Downloaded:
        """Fetch a release over SFTP and verify it with the challenge's public key."""
        host = self._base_url.removeprefix("http://").rsplit(":", 1)[0]
        public_key = self._browser.get_text("/receipt-key.pub")
        address = SftpAddress(host, port, self.profile.username)
        return download_release(address, key, release, self.home / release, public_key)

    def clone(self) -> None:
        """Make a token in the portal and clone the team's repository with it."""
        page = self._browser.submit("/portal/tokens", {"label": "laptop"})
        token = next((word for word in page.text.split() if word.startswith("dct_")), None)
        if token is None:
            raise BlueprintError(f"no token on the page: {page.text[:300]}")
        team = self.team_slug()
        author = Author(self.profile.name, self.profile.email, self.profile.username, token)
        url = f"{self._base_url}/git/{team}.git"
        self._copy = WorkingCopy(url, self.home / "repository", author)

    def team_slug(self) -> str:
        """Return the name of the team's repository, as the account page shows it."""
        words = self._browser.get("/portal/account").html.split("/git/", 1)
        if len(words) != 2:  # noqa: PLR2004
            raise BlueprintError("the account page names no repository")
        return words[1].split(".git", 1)[0]

    def submit(self, source: Path, message: str, name: str) -> Answer:
        """Replace the work tree, commit, tag and push."""
        self.copy.replace(source)
        self.copy.commit(message)
        return self.copy.push_tag(name)

    def keep_receipt(self, submission: int) -> tuple[Path, Path]:
        """Save a submission's receipt and the challenge's public key, and return the files."""
        receipt, key = self.home / f"receipt-{submission}.json", self.home / "receipt-key.pub"
        page = self._browser.get_text(f"/portal/submissions/{submission}/receipt.json")
        receipt.write_text(page, encoding="utf-8")
        key.write_text(self._browser.get_text("/receipt-key.pub"), encoding="ascii")
        return receipt, key

    def await_verdict(self, submission: int) -> dict[str, object]:
        """Watch the submission's page until it says how it ended; return its last state.

        Raises:
            BlueprintError: It did not end within two minutes.
        """
        deadline = monotonic_s() + _PATIENCE_S
        while monotonic_s() < deadline:
            state = self._browser.get_json(f"/portal/submissions/{submission}/state.json")
            if state["state"] in _ENDED:
                return state
            time.sleep(_POLL_S)
        raise BlueprintError(f"submission {submission} did not end: {json.dumps(state)}")
