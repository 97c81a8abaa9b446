"""The object store in a directory: every object readable at its key, switched in one step.

The present content lies at `<root>/<key>`: a link to `<root>/.objects/<key>/@<version>/content`,
which a put replaces in one rename, so that a reader and a crash see the old object or the new
one. In a store without versions a plain file at `<root>/<key>` is an object too: what programs
before this port wrote, and what a person puts there.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from blueprint.clock import Clock, system_clock
from blueprint.errors import NotFoundError, ToolError
from blueprint.files import written_whole
from blueprint.objects.keys import check_content_type, check_folder, check_key
from blueprint.objects.layout import CONTENT, VERSION, Layout
from blueprint.objects.port import DamagedError, Listed, LockedError, Source, Stored
from blueprint.objects.streams import chunks_of, named, open_file, take
from blueprint.objects.version_folder import read_about, write_version

_PLAIN_TYPE = "application/octet-stream"
_TRIES = 50


class DirectoryObjects:
    """Objects below one folder; several threads and processes may use it at once."""

    def __init__(
        self,
        root: Path,
        *,
        is_versioned: bool = False,
        lock_days: int = 0,
        is_durable: bool = True,
        clock: Clock = system_clock,
    ) -> None:
        """Open the store, which need not exist yet.

        Args:
            root: Its folder, made by the first put.
            is_versioned: Keep what is replaced or deleted as older versions.
            lock_days: For so many days a version cannot be deleted; only with versions.
            is_durable: Wait for the disk at each put.
            clock: Tells when something is stored and until when it is locked.
        """
        if lock_days and not is_versioned:
            raise ValueError("what is locked needs versions: else a put would replace it")
        self._layout = Layout(root, is_durable=is_durable)
        self._is_versioned = is_versioned
        self._lock_days = lock_days
        self._is_durable = is_durable
        self._clock = clock

    def put(self, key: str, source: Source, content_type: str) -> Stored:
        """Store `source` whole and return what was stored (see the port)."""
        check_key(key)
        check_content_type(content_type)
        now = self._clock()
        until = now + timedelta(days=self._lock_days) if self._lock_days else None
        with self._layout.draft() as draft:
            write_version(
                draft / VERSION, source, content_type=content_type, stored_at=now,
                locked_until=until, is_durable=self._is_durable,
            )  # fmt: skip
            with self._layout.alone():
                self._demand_ours(key)
                folder = self._layout.switch_in(draft, key)
                stored = read_about(folder, key, self._version(folder))
                if not self._is_versioned:
                    self._remove_all(key, but=folder)
        return stored

    def get(self, key: str, into: Path, *, max_bytes: int, version: str | None = None) -> Stored:
        """Write the content to the file `into` (see the port)."""
        with self._content(key, version) as (stored, file), written_whole(into) as sink:
            return replace(stored, sha256=take(chunks_of(file), stored, sink, max_bytes=max_bytes))

    def read(self, key: str, *, max_bytes: int, version: str | None = None) -> bytes:
        """Return the content of something small (see the port)."""
        sink = io.BytesIO()
        with self._content(key, version) as (stored, file):
            take(chunks_of(file), stored, sink, max_bytes=max_bytes)
        return sink.getvalue()

    def stat(self, key: str, *, version: str | None = None) -> Stored | None:
        """Return what is known of an object or of one of its versions (see the port)."""
        found = self._open(key, version)
        if found is None:
            return None
        found[1].close()
        return found[0]

    def list_below(self, folder: str = "") -> Iterator[Listed]:
        """Yield the objects below `folder`, by key (see the port)."""
        for key in self._layout.keys(check_folder(folder)):
            found = self.stat(key)
            if found is not None:  # else it was deleted meanwhile
                yield Listed(key, found.size_bytes, found.stored_at)

    def versions(self, key: str) -> tuple[Stored, ...]:
        """Return every version that is kept, the newest first (see the port)."""
        if not self._is_versioned:
            found = self.stat(key)
            return () if found is None else (found,)
        folders = self._layout.folders(check_key(key))
        names = [self._layout.version_of(one) for one in folders]
        kept = [self.stat(key, version=name) for name in reversed(names)]
        return tuple(one for one in kept if one is not None)

    def delete(self, key: str) -> None:
        """Make sure that there is no such object (see the port)."""
        if self.stat(key) is None:
            return
        with self._layout.alone():
            self._layout.unlink(key)
            if not self._is_versioned:
                self._remove_all(key)

    def delete_version(self, key: str, version: str) -> None:
        """Make sure that there is no such version (see the port)."""
        with self._layout.alone():
            found = self.stat(key, version=version)
            if found is None:
                return
            if found.locked_until is not None and self._clock() < found.locked_until:
                until = f"{found.locked_until:%Y-%m-%d %H:%M} UTC"
                raise LockedError(f"object {key}: this version is locked until {until}")
            folder = self._layout.folder(key, version)
            if self._layout.present(key) == folder:
                others = [one for one in self._layout.folders(key) if one != folder]
                if others:
                    self._layout.link(others[-1], key)
                else:
                    self._layout.unlink(key)
            self._layout.remove(key, folder)

    @contextmanager
    def _content(self, key: str, version: str | None) -> Iterator[tuple[Stored, BinaryIO]]:
        found = self._open(key, version)
        if found is None:
            raise NotFoundError(f"there is no object {named(key, version)} in {self._layout.root}")
        with found[1]:
            yield found

    def _open(self, key: str, version: str | None) -> tuple[Stored, BinaryIO] | None:
        """Open a content beside what is known of it; a put meanwhile makes it look again."""
        check_key(key)
        if version is not None:
            folder = self._layout.folder(key, version) if self._is_versioned else None
            return None if folder is None else self._open_version(key, folder)
        for _ in range(_TRIES):
            place = self._layout.present(key)
            if place is None:
                return None
            found = self._open_version(key, place) if place.is_dir() else self._open_plain(key)
            if found is not None:
                return found
        raise DamagedError(
            f"{self._layout.root / key}: is a link to a version that is gone",
            hint="put the object back from your backup",
        )

    def _open_version(self, key: str, folder: Path) -> tuple[Stored, BinaryIO] | None:
        try:
            stored = read_about(folder, key, self._version(folder))
            return stored, open_file(folder / CONTENT)
        except FileNotFoundError:
            return None

    def _open_plain(self, key: str) -> tuple[Stored, BinaryIO] | None:
        self._demand_ours(key)
        try:
            file = open_file(self._layout.root / key)
        except OSError:
            return None  # a put has just replaced it by a link, or somebody removed it
        known = os.fstat(file.fileno())
        stored_at = datetime.fromtimestamp(known.st_mtime, UTC)
        return Stored(key, None, known.st_size, None, _PLAIN_TYPE, stored_at, None), file

    def _demand_ours(self, key: str) -> None:
        """Refuse to take a plain file for a version, or to lose it by a put."""
        place = self._layout.present(key)
        if self._is_versioned and place is not None and place.is_file():
            raise ToolError(
                f"{place}: was not put there by the store, which keeps every version",
                hint="move the file away",
            )

    def _version(self, folder: Path) -> str | None:
        return self._layout.version_of(folder) if self._is_versioned else None

    def _remove_all(self, key: str, *, but: Path | None = None) -> None:
        for folder in self._layout.folders(key):
            if folder != but:
                self._layout.remove(key, folder)
