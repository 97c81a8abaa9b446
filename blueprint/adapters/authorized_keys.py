"""A folder of OpenSSH authorized_keys files, one for each person (`AuthorizedKeysFile DIR/%u`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from blueprint.files import write_whole

_MODE = 0o644
"""sshd reads it as the user who logs in; public keys are no secret."""


@dataclass(frozen=True)
class AuthorizedKeys:
    """The folder; it is made by whoever installs the SSH server, and its absence is an error."""

    folder: Path

    def put(self, username: str, keys: Iterable[str]) -> None:
        """Write a person's keys, all or nothing; without any the file is removed.

        Raises:
            OSError: The folder is absent, or cannot be written.
        """
        path, lines = self.folder / username, sorted(keys)
        if not lines:
            path.unlink(missing_ok=True)
            self._demand_folder()
            return
        data = "".join(f"{line}\n" for line in lines).encode("ascii")
        write_whole(path, data, mode=_MODE)

    def of(self, username: str) -> frozenset[str]:
        """Return a person's keys; none without a file.

        Raises:
            OSError: The folder is absent, or cannot be read.
        """
        try:
            text = (self.folder / username).read_text(encoding="ascii")
        except FileNotFoundError:
            self._demand_folder()
            return frozenset()
        return frozenset(line for line in text.splitlines() if line)

    def usernames(self) -> tuple[str, ...]:
        """Return everybody with a file."""
        return tuple(path.name for path in self.folder.iterdir() if not path.name.startswith("."))

    def _demand_folder(self) -> None:
        self.folder.stat()  # an absent folder must not look like a closed door
