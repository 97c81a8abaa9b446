"""The port to the teams' repositories: whoever needs one knows no more of them than this."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from blueprint.intake.bare_repositories import BareRepositories
from blueprint.platform import Platform


class Repositories(Protocol):
    """The teams' repositories, on this disk or on a server.

    Every method raises `ToolError` where the repository cannot be read: that is never taken for a
    repository without tags.
    """

    def ensure(self, team: str) -> None:
        """Make sure that the team has a repository, with our hooks; idempotent."""
        ...

    def clone_url(self, team: str, *, username: str = "") -> str:
        """Return where the team clones it from, with the name that git logs in with."""
        ...

    def tag_commit(self, team: str, tag: str) -> str | None:
        """Return the commit that a tag (`refs/tags/...`) leads to, None when there is none."""
        ...

    def submission_tags(self, team: str) -> Mapping[str, str]:
        """Return every `refs/tags/submission/...` with the commit that it leads to.

        A tag on anything but a commit is no submission: it may be left out.
        """
        ...

    def fetch(self, team: str, commit: str, into: Path, *, below: str = "") -> int:
        """Write a commit's files into an empty folder; return how many (see `materialise`).

        Raises:
            CodeError: The commit holds what a submission may not hold.
        """
        ...


def embedded_repositories(platform: Platform) -> BareRepositories:
    """Return the repositories of a platform in one process: bare ones in its state folder."""
    return BareRepositories(platform.state.git, platform.addresses)
