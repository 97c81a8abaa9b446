"""Repositories on this disk: bare ones, made on first use, with hooks that ask the platform."""

import sys
from dataclasses import dataclass
from pathlib import Path

from blueprint.adapters import git, git_hook
from blueprint.adapters.git_packs import merge_packs, pack_count, remove_cut_off
from blueprint.addresses import Addresses
from blueprint.clock import system_clock
from blueprint.errors import ToolError
from blueprint.intake.checkout import materialise

MAX_PUSH_BYTES = 256 * 1024**2
"""The most that one push may carry, compressed as git sends it."""
MAX_REPOSITORY_BYTES = 5 * 1024**3
"""A repository that takes more of the disk than this takes no further push."""


@dataclass(frozen=True)
class BareRepositories:
    """`<team>.git` in one folder."""

    folder: Path
    addresses: Addresses
    many_packs: int = 50
    """Above this the packs of one are merged: each fetch and push opens all of them."""

    def place(self, team: str) -> Path:
        """Return where a team's repository lies."""
        return self.folder / f"{team}.git"

    def ensure(self, team: str) -> None:
        """Make it when absent; its hooks run the installed version."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        git.ensure_bare_repository(
            self.place(team),
            hook_python=sys.executable,
            hook_script=Path(git_hook.__file__).resolve(),
            max_push_bytes=MAX_PUSH_BYTES,
        )

    def mend(self, team: str) -> None:
        """Ensure it, and remove what a killed push left; no git may be running in it."""
        self.ensure(team)
        git.remove_leftovers(self.place(team))

    def tidy(self, team: str) -> bool:
        """Merge the packs that its pushes left, where these are many; pushes may run meanwhile.

        What a killed merge left is removed after a day.

        Raises:
            ToolError: Git failed or took too long; nothing was lost.
        """
        remove_cut_off(self.place(team), system_clock())  # files have the time of the machine
        is_due = pack_count(self.place(team)) > self.many_packs
        if is_due:
            merge_packs(self.place(team))
        return is_due

    def clone_url(self, team: str, *, username: str = "") -> str:
        """Return its address behind the platform's own gateway."""
        return self.addresses.clone_url(team, username=username)

    def tag_commit(self, team: str, tag: str) -> str | None:
        """Return the commit that a tag leads to, or None."""
        return git.tag_commit(self._there(team), tag)

    def submission_tags(self, team: str) -> dict[str, str]:
        """Return every submission tag with its commit."""
        return git.submission_tags(self._there(team))

    def fetch(self, team: str, commit: str, into: Path, *, below: str = "") -> int:
        """Write a commit's files into a folder."""
        return materialise(self._there(team), commit, into, below=below)

    def _there(self, team: str) -> Path:
        """Return where it lies; one that is lost is never taken for one without tags."""
        place = self.place(team)
        if not place.is_dir():
            raise ToolError(f"{place}: there is no such repository")
        return place
