"""A participant's clone of the team's repository, and what a push answered."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import git

_ENVIRONMENT = {
    # A person's own git settings must not change the walk.
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


@dataclass(frozen=True)
class Answer:
    """What git printed on a push: `accepted` is git's exit status, `lines` the platform's words."""

    accepted: bool
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The platform's words in one string."""
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Author:
    """Who commits, and the token that lets them push."""

    name: str
    email: str
    username: str
    token: str


class WorkingCopy:
    """A clone over HTTP; the token lies in a credential file, never in the URL or argv."""

    def __init__(self, url: str, folder: Path, author: Author) -> None:
        self.folder = folder
        helper = f"store --file='{_write_credentials(url, folder.parent, author)}'"
        _git_in(folder.parent, author).execute(
            ["git", "-c", f"credential.helper={helper}", "clone", "--quiet", url, str(folder)]
        )
        self._git = _git_in(folder, author)
        self._git.execute(["git", "config", "credential.helper", helper])
        self._git.execute(["git", "checkout", "--quiet", "-B", "main"])

    def replace(self, source: Path) -> None:
        """Make the work tree hold exactly the files of `source`."""
        for entry in self.folder.iterdir():
            if entry.name != ".git":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.copytree(
            source, self.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )

    def commit(self, message: str) -> str:
        """Commit everything in the work tree and return the commit's hash."""
        self._git.execute(["git", "add", "--all"])
        self._git.execute(["git", "commit", "--quiet", "--allow-empty", "-m", message])
        return str(self._git.execute(["git", "rev-parse", "HEAD"]))

    def push_tag(self, name: str) -> Answer:
        """Tag HEAD `submission/<name>` and push the tag; a refused tag is taken back here too."""
        self._git.execute(["git", "tag", f"submission/{name}"])
        answer = self._push(f"submission/{name}")
        if not answer.accepted:
            self._git.execute(["git", "tag", "--delete", f"submission/{name}"])
        return answer

    def push_branch(self) -> Answer:
        """Push the branch main."""
        return self._push("main")

    def _push(self, ref: str) -> Answer:
        status, _, stderr = self._git.execute(
            ["git", "push", "origin", ref], with_extended_output=True, with_exceptions=False
        )
        said = [line.removeprefix("remote:").strip() for line in str(stderr).splitlines()
                if line.startswith("remote:")]  # fmt: skip
        return Answer(status == 0, tuple(line for line in said if line))


def _write_credentials(url: str, folder: Path, author: Author) -> Path:
    path = folder / "git-credentials"
    parts = urlsplit(url)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{parts.scheme}://{author.username}:{author.token}@{parts.netloc}\n")
    return path


def _git_in(folder: Path, author: Author) -> git.Git:
    program = git.Git(folder)
    program.update_environment(
        **_ENVIRONMENT,
        GIT_AUTHOR_NAME=author.name,
        GIT_AUTHOR_EMAIL=author.email,
        GIT_COMMITTER_NAME=author.name,
        GIT_COMMITTER_EMAIL=author.email,
    )
    return program
