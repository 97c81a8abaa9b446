"""Which git requests are answered at all: three paths per team, nothing else."""

import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from blueprint.serve.git_gate import RefusedError

_TARGET = re.compile(
    rb"/git/(?P<team>[a-z0-9][a-z0-9-]{0,38})\.git/"
    rb"(?P<refs>info/refs\?service=)?(?P<service>git-upload-pack|git-receive-pack)"
)


@dataclass(frozen=True)
class GitRequest:
    """A request that git's backend may see."""

    team: str
    service: str
    """`git-upload-pack` (clone and fetch) or `git-receive-pack` (push)."""
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


def parse_git_request(scope: Scope) -> GitRequest:
    """Return what is asked for, judged on the undecoded path: `%2e%2e` is no way around it.

    Raises:
        RefusedError: It is nothing that git's backend should see.
    """
    query = scope["query_string"]
    match = _TARGET.fullmatch(scope["raw_path"] + (b"?" + query if query else b""))
    if match is None:
        raise RefusedError(404, "not found: /git/<team>.git is served to git clients alone")
    team, service = match["team"].decode("ascii"), match["service"].decode("ascii")
    request = GitRequest(team, service, is_advertisement=match["refs"] is not None)
    if scope["method"] != ("GET" if request.is_advertisement else "POST"):
        raise RefusedError(405, "use a git client")
    wanted = f"application/x-{service}-request"
    if not request.is_advertisement and Headers(scope=scope).get("content-type") != wanted:
        raise RefusedError(415, f"the content type must be {wanted}")
    return request
