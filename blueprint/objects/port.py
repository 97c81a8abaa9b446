"""What a store of objects can do: one contract for a directory and for a bucket on an S3 server."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from blueprint.errors import BlueprintError, ConflictError, ToolError

Source = bytes | Path
"""What is put: the content itself, or a file that is read in a stream."""


class LockedError(ConflictError):
    """This version is kept until a moment that has not come; nothing was changed."""


class TooLargeError(BlueprintError):
    """An object is larger than the caller takes; nothing was kept of it."""


class DamagedError(ToolError):
    """What the store gives back is not what was put."""


class StoreUnreachableError(ToolError):
    """The server of the store does not answer."""


class AccessDeniedError(ToolError):
    """These credentials may not do this."""


@dataclass(frozen=True)
class Stored:
    """One version of an object, without its content."""

    key: str
    version: str | None
    """Names this version for good; None in a store that keeps none."""
    size_bytes: int
    sha256: str | None
    """Of the content, hexadecimal; None where something else than this port put it there."""
    content_type: str
    stored_at: datetime
    """As the store has it: Versity Gateway gives an older version the time of its last move."""
    locked_until: datetime | None
    """Before this moment the version cannot be deleted; None: it is not locked, or the server keeps
    it by a rule of the bucket and does not say so here (Versity Gateway)."""


@dataclass(frozen=True)
class Listed:
    """One object in a list."""

    key: str
    size_bytes: int
    stored_at: datetime


class Objects(Protocol):
    """One bucket; safe to share between threads.

    Keys are as `objects.keys.check_key` allows them. A caller makes no key the folder of another
    one: where `a/b` exists, `a` is not put; most stores cannot have both, and refuse. Where a
    server is asked, every method raises AccessDeniedError and StoreUnreachableError.
    """

    def put(self, key: str, source: Source, content_type: str) -> Stored:
        """Store `source` whole and return what was stored; until then readers see what was there.

        In a store with versions what was there stays as an older version; in a store with a lock
        the new version is locked from now on for as long as the store says.

        Raises:
            InputError: The key or the content type is not allowed, or the file cannot be read.
            ConflictError: The key is a folder of others, or below another object; or the file
                changed while it was read.
        """

    def get(self, key: str, into: Path, *, max_bytes: int, version: str | None = None) -> Stored:
        """Write the content to the file `into` (mode 0600), whole or not at all.

        Args:
            key: What to get.
            into: Replaced when it exists; its folder exists.
            max_bytes: What is larger is refused, whatever the store said of its size.
            version: An older version; None: the present one.

        Raises:
            NotFoundError: There is no such object or version.
            TooLargeError: It is larger than `max_bytes`.
            DamagedError: The content is not what was put.
        """

    def read(self, key: str, *, max_bytes: int, version: str | None = None) -> bytes:
        """Return the content of something small; as `get`."""

    def stat(self, key: str, *, version: str | None = None) -> Stored | None:
        """Return what is known of an object or of one of its versions; None: it does not exist."""

    def list_below(self, folder: str = "") -> Iterator[Listed]:
        """Yield the objects whose key begins with `folder/`, by key; with "" all of them."""

    def versions(self, key: str) -> tuple[Stored, ...]:
        """Return every version that is kept, the newest first, also after `delete`.

        In a store without versions that is the object itself.
        """

    def delete(self, key: str) -> None:
        """Make sure that there is no such object; older versions stay where versions are kept."""

    def delete_version(self, key: str, version: str) -> None:
        """Make sure that there is no such version.

        Where it was the present one, the newest of the others is present then; an object that was
        deleted stays deleted.

        Raises:
            LockedError: It is locked until a moment that has not come.
        """
