"""Remembers facts that can be found out again, in a file that several processes may share.

A cache is never the truth: a line that was damaged is a fact that nobody knew, a file that cannot
be written costs the next run its time and nothing else. Every line carries its own checksum.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from blueprint.state import StateFolder

_FILE = "facts"
_MAX_BYTES = 32 * 1024 * 1024
_SPARE_LINES = 1000
_SUM_DIGITS = 16


class FactCache:
    """JSON values by key; a new value replaces the old one. Safe for threads and processes."""

    def __init__(self, *folders: Path) -> None:
        """Open the cache in the first of `folders`; the others are only read from."""
        self._home = folders[0] if folders and _made_private(folders[0]) else None
        self._lock = Lock()
        self._facts: dict[str, bytes] = {}
        """Values as JSON text: most are never asked for, and text is small."""
        for folder in reversed(folders):
            if _is_private(folder):
                self._facts |= dict(_facts_in(folder / _FILE))

    def get(self, key: str) -> object | None:
        """Return the fact at `key`, None when it is not known."""
        with self._lock:
            text = self._facts.get(key)
        value: object = None if text is None else _decoded(text)
        return value

    def put(self, facts: Mapping[str, object]) -> None:
        """Keep facts (JSON values); each is on disk when this returns, if that can be written."""
        written = {key: _encoded(value) for key, value in facts.items()}
        with self._lock:
            fresh = {key: text for key, text in written.items() if self._facts.get(key) != text}
            self._facts |= fresh
            if fresh and self._home is not None:
                with suppress(OSError):  # a full or read-only disk costs time, not the command
                    _append(self._home, fresh)


def open_cache(state: StateFolder) -> FactCache:
    """Return the cache of a challenge (see `cache_folders`)."""
    return FactCache(*cache_folders(state))


def cache_folders(state: StateFolder) -> tuple[Path, ...]:
    """Return where facts about a challenge are kept: in its state folder where there is one.

    The user's cache (`$XDG_CACHE_HOME/diychallenge`) is read in either case: what `check` found
    out before the first `deploy` need not be found out again after it.
    """
    ours = [state.cache] if _is_ours(state.root) else []
    return (*ours, *_of_this_user())


def _of_this_user() -> list[Path]:
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():  # the standard says to ignore any other
        return [named / "diychallenge"]
    with suppress(RuntimeError):
        if _is_ours(Path.home()):  # with sudo it is somebody else's
            return [Path.home() / ".cache" / "diychallenge"]
    return []


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and folder.stat().st_uid == os.geteuid()


def _made_private(folder: Path) -> bool:
    """Make the folder where it is absent; tell whether only this user can write in it."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _is_private(folder)


def _is_private(folder: Path) -> bool:
    try:
        told = folder.stat()
    except OSError:
        return False
    return told.st_uid == os.geteuid() and not told.st_mode & 0o022


def _facts_in(file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the facts in a file in the order they were written; damaged lines are left out."""
    try:
        with file.open("rb") as source:
            content = source.read(_MAX_BYTES + 1)
    except OSError:
        return
    for line in content.split(b"\n") if len(content) <= _MAX_BYTES else ():
        if fact := _fact(line):
            yield fact


def _fact(line: bytes) -> tuple[str, bytes] | None:
    """Return the key and the value's text in a line: checksum, space, key, tab, value."""
    checksum, _, text = line.partition(b" ")
    key, tab, value = text.partition(b"\t")  # in JSON a tab is always written as an escape
    if not tab or checksum != _checksum(text):
        return None
    name = _decoded(key)
    return (name, value) if isinstance(name, str) else None


def _line(key: str, value: bytes) -> bytes:
    text = _encoded(key) + b"\t" + value
    return _checksum(text) + b" " + text + b"\n"


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _decoded(text: bytes) -> object | None:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:_SUM_DIGITS].encode("ascii")


def _append(folder: Path, facts: Mapping[str, bytes]) -> None:
    lines = b"".join(_line(key, value) for key, value in facts.items())
    with _alone(folder):
        file = folder / _FILE
        _shorten(file)
        with _opened(file, os.O_APPEND) as target:
            # A process that was killed may have left half a line; ours must not continue it.
            target.write(b"\n" + lines)


def _shorten(file: Path) -> None:
    """Write the file anew when it holds mostly what was replaced since, or too much."""
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return
    if size < _MAX_BYTES // 4:
        return
    written = list(_facts_in(file))
    kept = dict(written)
    if size < _MAX_BYTES // 2 and len(written) < 2 * len(kept) + _SPARE_LINES:
        return
    draft = file.with_name(f"{_FILE}.draft")
    with _opened(draft, os.O_TRUNC) as target:
        target.write(b"".join(reversed(list(_newest(kept)))))
    draft.replace(file)


def _newest(facts: dict[str, bytes]) -> Iterator[bytes]:
    """Yield the lines of facts from the newest on, as many as leave room for more."""
    room = _MAX_BYTES // 4
    for key, value in reversed(facts.items()):
        line = _line(key, value)
        room -= len(line)
        if room < 0:
            return
        yield line


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with _opened(folder / "lock", os.O_APPEND) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _opened(file: Path, how: int) -> BinaryIO:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | how, 0o600)
    return os.fdopen(descriptor, "wb")
