"""What the SFTP server asks of the platform: who may come in, what they see, what was read."""

from dataclasses import dataclass
from typing import Protocol

Path = tuple[str, ...]
"""A place in the virtual tree; the root is the empty tuple. Parts hold no slash, `.` or `..`."""


@dataclass(frozen=True)
class Login:
    """A person who proved to hold a key."""

    person_id: int
    username: str
    fingerprint: str


@dataclass(frozen=True)
class Node:
    """One entry of the virtual tree; a folder has no size."""

    name: str
    size_bytes: int | None
    modified_at_s: float
    """Seconds since 1970, as SFTP counts them."""


class OpenedFile(Protocol):
    """A file that is being downloaded."""

    node: Node

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`; empty at the end.

        Raises:
            PermissionError: The person may no longer.
        """

    def close(self, sent_bytes: int, *, complete: bool) -> None:
        """End the download and note how much of it was sent."""


class Directory(Protocol):
    """The virtual tree of each person; every method asks anew whether they still may."""

    def log_in(self, username: str, fingerprint: str) -> Login | None:
        """Return the login of a person who may take part and owns the key, else None."""

    def node(self, login: Login, path: Path) -> Node | None:
        """Return what lies at `path`, or None (PermissionError: may no longer)."""

    def children(self, login: Login, path: Path) -> list[Node] | None:
        """Return what lies in the folder at `path`; None when it is none."""

    def open(self, login: Login, path: Path) -> OpenedFile:
        """Open a file and note that it was opened.

        Raises:
            FileNotFoundError: There is no such file for this person.
            PermissionError: The person may no longer.
            OSError: The file is not what its manifest says.
        """
