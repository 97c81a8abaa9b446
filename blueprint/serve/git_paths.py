"""Which git requests are answered at all: three paths per team, nothing else."""

import re
from dataclasses import dataclass
from typing import Literal

Service = Literal["git-upload-pack", "git-receive-pack"]

_PATH = re.compile(
    rb"/git/(?P<team>[a-z0-9][a-z0-9-]{0,38})\.git/"
    rb"(?P<what>info/refs|git-upload-pack|git-receive-pack)"
)
_QUERIES: dict[bytes, Service] = {
    b"service=git-upload-pack": "git-upload-pack",
    b"service=git-receive-pack": "git-receive-pack",
}


@dataclass(frozen=True)
class GitRequest:
    """A request that git's backend may see."""

    team: str
    service: Service
    is_advertisement: bool
    """True for `info/refs`: the list of refs with which every clone, fetch and push begins."""

    @property
    def backend_path(self) -> str:
        """The path below the folder of repositories."""
        return f"/{self.team}.git/{'info/refs' if self.is_advertisement else self.service}"

    @property
    def query(self) -> str:
        """The query string that the backend is given."""
        return f"service={self.service}" if self.is_advertisement else ""

    @property
    def is_push(self) -> bool:
        """True when the body carries objects into the repository."""
        return not self.is_advertisement and self.service == "git-receive-pack"


@dataclass(frozen=True)
class NotServed:
    """A request that git's backend never sees, with the HTTP status and the reason."""

    status: int
    reason: str


def parse_git_request(
    method: str, raw_path: bytes, query: bytes, content_type: str
) -> GitRequest | NotServed:
    """Return what is asked for, judged on the undecoded path: `%2e%2e` is no way around it."""
    match = _PATH.fullmatch(raw_path)
    if not match:
        return NotServed(404, "not found: a repository is /git/<team>.git")
    team = match["team"].decode("ascii")
    if match["what"] == b"info/refs":
        return _advertisement(method, team, query)
    service: Service = (
        "git-receive-pack" if match["what"] == b"git-receive-pack" else "git-upload-pack"
    )
    if method != "POST":
        return NotServed(405, "use a git client")
    if content_type != f"application/x-{service}-request":
        return NotServed(415, f"the content type must be application/x-{service}-request")
    return GitRequest(team, service, is_advertisement=False)


def _advertisement(method: str, team: str, query: bytes) -> GitRequest | NotServed:
    if method != "GET":
        return NotServed(405, "use a git client")
    service = _QUERIES.get(query)
    if service is None:
        return NotServed(403, "only git's smart HTTP protocol is spoken here")
    return GitRequest(team, service, is_advertisement=True)
