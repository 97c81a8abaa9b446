"""Git as a participant uses it: a clone with a work tree, tags, and a push that is answered."""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprint.errors import InputError, ToolError

_NUMBERED = re.compile(r"refs/tags/submission/(\d{1,9})(\^\{\})?")


@dataclass(frozen=True)
class Pushed:
    """How a push was answered."""

    stored: bool
    """Whether git stored the tag."""
    answer: tuple[str, ...]
    """What the platform said."""
    complaint: str
    """What git itself said."""

    @property
    def accepted(self) -> bool:
        """Whether the tag is stored and the platform has confirmed it: the receipt was shown."""
        return self.stored and any(line.startswith("accepted") for line in self.answer)


class WorkingClone:
    """A clone of a team's repository.

    Programs run in the terminal's own session, with the person's environment: git may ask for
    the token, and its credential helpers work.
    """

    def __init__(self, folder: Path) -> None:
        """Find the clone that `folder` lies in.

        Raises:
            InputError: There is none.
            ToolError: git is missing.
        """
        self.root = folder
        found = self._git("rev-parse", "--show-toplevel", check=False)
        if found.returncode != 0:
            raise InputError(
                f"{folder.resolve()}: is not in a git repository",
                hint="go into the clone of your team's repository; the portal says how to clone it",
            )
        self.root = Path(found.stdout.strip())

    def head(self) -> str:
        """Return the commit that is checked out.

        Raises:
            InputError: There is no commit yet.
        """
        found = self._git("rev-parse", "--verify", "--quiet", "HEAD", check=False)
        if found.returncode != 0:
            raise InputError("there is no commit yet", hint="git add --all && git commit")
        return found.stdout.strip()

    def changed_files(self) -> tuple[str, ...]:
        """Return tracked files whose content in the work tree is not the commit's."""
        listed = self._git("status", "--porcelain", "-z", "--untracked-files=no").stdout
        return tuple(entry[3:] for entry in listed.split("\0") if len(entry) > 3)  # noqa: PLR2004

    def untracked_files(self) -> tuple[str, ...]:
        """Return files that git neither tracks nor ignores."""
        listed = self._git("ls-files", "-z", "--others", "--exclude-standard").stdout
        return tuple(name for name in listed.split("\0") if name)

    def committed(self, name: str) -> bytes | None:
        """Return a file as the checked-out commit has it, or None."""
        found = self._git("cat-file", "blob", f"HEAD:{name}", check=False)
        return os.fsencode(found.stdout) if found.returncode == 0 else None

    def next_number(self, remote: str) -> int:
        """Return the number after the highest `submission/<number>`, here and on the remote.

        Raises:
            ToolError: The remote does not answer.
        """
        listed = self._git("ls-remote", "--tags", "--", remote).stdout
        listed += self._git("show-ref", "--tags", check=False).stdout
        numbers = [int(match[1]) for match in _NUMBERED.finditer(listed)]
        return max(numbers, default=0) + 1

    def tag(self, name: str) -> None:
        """Tag the checked-out commit.

        Raises:
            InputError: There is such a tag, or this cannot be the name of one.
        """
        done = self._git("tag", "--", name, "HEAD", check=False)
        if done.returncode != 0:
            raise InputError(
                f"{name}: {done.stderr.strip().removeprefix('fatal: ')}",
                hint="give another --name, or none",
            )

    def untag(self, name: str) -> None:
        """Remove a tag here."""
        self._git("tag", "--delete", "--", name, check=False)

    def push_tag(self, name: str, remote: str) -> Pushed:
        """Push one tag and return what was said to it."""
        done = self._git("push", "--", remote, f"refs/tags/{name}", check=False)
        said = done.stderr.splitlines()
        answer = [line.removeprefix("remote:").strip() for line in said
                  if line.startswith("remote:")]  # fmt: skip
        others = [line for line in said if not line.startswith("remote:")]
        return Pushed(
            done.returncode == 0, tuple(line for line in answer if line), "\n".join(others).strip()
        )

    def _git(self, *words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        try:
            done = _run(["git", *words], self.root)
        except FileNotFoundError:
            raise ToolError("git is not installed") from None
        if check and done.returncode != 0:
            raise ToolError(f"git {words[0]}: {done.stderr.strip()}", hint=_hint(done.stderr))
        return done


def _run(argv: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        argv,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )


def _hint(said: str) -> str | None:
    if "Authentication failed" in said or "could not read" in said:
        return "the user is your username, the password a git token: the portal makes one"
    return None
