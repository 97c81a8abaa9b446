"""Repositories on a git server, read over smart HTTP: what a platform beside Gitea polls."""

from dataclasses import dataclass, field
from pathlib import Path

from blueprint.adapters.git_remote import Remote, fetched, list_refs
from blueprint.addresses import Addresses
from blueprint.intake.checkout import materialise
from blueprint.intake.hook_protocol import SUBMISSION


@dataclass(frozen=True)
class RemoteRepositories:
    """`<server>/<team>.git`, which the server makes; here they are read."""

    server: str
    """`https://git.example.org/challenge`: file:// and http:// are read from as well."""
    addresses: Addresses
    """Where participants clone from, which may be another way to the same server."""
    scratch: Path
    """A folder for what is fetched, each time into a repository that is removed afterwards."""
    username: str = ""
    token: str = field(default="", repr=False)

    def ensure(self, team: str) -> None:
        """Make sure that the server has it and lets us read it."""
        list_refs(self._remote(team), "HEAD")

    def clone_url(self, team: str, *, username: str = "") -> str:
        """Return the address for participants."""
        return self.addresses.clone_url(team, username=username)

    def tag_commit(self, team: str, tag: str) -> str | None:
        """Return what a tag leads to, or None."""
        return list_refs(self._remote(team), tag, f"{tag}^{{}}").get(tag)

    def submission_tags(self, team: str) -> dict[str, str]:
        """Return every submission tag with what it leads to."""
        found = list_refs(self._remote(team), f"{SUBMISSION}*")
        # The pattern also fits the end of longer names, as of `refs/heads/refs/tags/...`.
        return {ref: sha for ref, sha in found.items() if ref.startswith(SUBMISSION)}

    def fetch(self, team: str, commit: str, into: Path, *, below: str = "") -> int:
        """Fetch a commit by its id, and write its files into a folder."""
        with fetched(self._remote(team), commit, self.scratch) as repository:
            return materialise(repository, commit, into, below=below)

    def _remote(self, team: str) -> Remote:
        return Remote(f"{self.server}/{team}.git", self.username, self.token)
