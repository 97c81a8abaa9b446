"""Where the objects of a directory and their versions lie, and how one is switched in."""

import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blueprint.errors import ConflictError, ToolError
from blueprint.files import sync_folder
from blueprint.objects.keys import is_key

CONTENT = "content"
"""The file of a version's folder that holds the content; what else lies there is about it."""
VERSION = "version"
"""Below a draft: the folder that becomes the version."""
_HISTORY = ".objects"
_DRAFTS = ".drafts"
_LOCK = ".lock"
_MARK = "@"
"""Begins the name of a version's folder: no part of a key can."""
_VERSION = re.compile(r"[0-9]{8}-[0-9a-f]{8}")


class Layout:
    """The folders of one store: `<root>/<key>` and `<root>/.objects/<key>/@<version>/`."""

    def __init__(self, root: Path, *, is_durable: bool) -> None:
        self.root = root
        self._history = root / _HISTORY
        self._is_durable = is_durable

    def present(self, key: str) -> Path | None:
        """Return the folder of the present version, or a plain file at the key; None: neither.

        Raises:
            ToolError: A link lies there that this store did not make.
        """
        place = self.root / key
        if self._linked_parent(key) is not None:
            return None
        try:
            target = Path(place.readlink())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:  # it is no link
            return place if stat.S_ISREG(place.lstat().st_mode) else None
        folder = self.folder(key, target.parent.name.removeprefix(_MARK))
        if target != self._target(folder, place):
            raise ToolError(
                f"{place}: is a link that the store did not make",
                hint="remove it, or put back the one from your backup",
            )
        return folder

    def folder(self, key: str, version: str) -> Path:
        """Return where a version lies, whether it exists or not."""
        # A version comes from callers too: what no put can have made leads nowhere.
        name = version if _VERSION.fullmatch(version) else "none"
        return self._history / key / (_MARK + name)

    def version_of(self, folder: Path) -> str:
        """Return the name of the version that lies in `folder`."""
        return folder.name.removeprefix(_MARK)

    def folders(self, key: str) -> list[Path]:
        """Return the folders of all versions, the oldest first."""
        return sorted((self._history / key).glob(f"{_MARK}*"))

    def keys(self, folder: str) -> Iterator[str]:
        """Yield what may be an object below a folder ("" or with a slash at its end), by key."""
        try:
            with os.scandir(self.root / folder) as found:
                names = sorted(
                    one.name + ("/" if one.is_dir(follow_symlinks=False) else "") for one in found
                )
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            if not is_key(name.removesuffix("/")):
                continue  # our own folders, and what no put can have made
            if name.endswith("/"):
                yield from self.keys(folder + name)
            else:
                yield folder + name

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock of all changes: of threads and of processes, gone with whoever held it."""
        self._history.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._history / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Give a folder to make a version in; what others left when they were killed is removed."""
        with self.alone():
            drafts = self._history / _DRAFTS
            drafts.mkdir(mode=0o700, exist_ok=True)
            for left in drafts.iterdir():
                _remove_if_left(left)
            folder = Path(tempfile.mkdtemp(dir=drafts))
            descriptor = _locked(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)

    def switch_in(self, draft: Path, key: str) -> Path:
        """Make the version of a draft the present one and return its folder; under `alone`.

        When this is cut off, the version may be kept without being the present one.

        Raises:
            ConflictError: The key is a folder of others, or below another object.
        """
        place = self._demand_room(key)
        before = self.folders(key)
        number = int(before[-1].name[1:].split("-")[0]) + 1 if before else 1
        folder = self.folder(key, f"{number:08d}-{secrets.token_hex(4)}")
        self._ensure_folder(folder.parent)
        (draft / VERSION).rename(folder)
        self._sync(folder.parent)
        self._ensure_folder(place.parent)
        self.link(folder, key)
        return folder

    def link(self, folder: Path, key: str) -> None:
        """Make the version in `folder` the present one of its key, in one step; under `alone`."""
        place = self.root / key
        fresh = self._history / _DRAFTS / secrets.token_hex(8)
        fresh.symlink_to(self._target(folder, place))
        fresh.replace(place)
        self._sync(place.parent)

    def unlink(self, key: str) -> None:
        """Take the object away from its key, and folders that are empty then; under `alone`."""
        place = self.root / key
        place.unlink(missing_ok=True)
        self._sync(place.parent)
        _prune(place.parent, self.root)

    def remove(self, key: str, folder: Path) -> None:
        """Remove a version that is not the present one; under `alone`."""
        shutil.rmtree(folder)
        _prune(self._history / key, self._history)

    def _target(self, folder: Path, place: Path) -> Path:
        """Return what the link at `place` holds: it is relative, so that the root may be moved."""
        return Path(os.path.relpath(folder / CONTENT, place.parent))

    def _demand_room(self, key: str) -> Path:
        place = self.root / key
        above = self._linked_parent(key)
        if above is not None:
            raise ConflictError(f"object {key}: {above} is an object already")
        if place.is_dir() and not place.is_symlink():
            raise ConflictError(f"object {key}: there are objects below {key}/ already")
        return place

    def _linked_parent(self, key: str) -> str | None:
        """Return which part of the key's folder is an object, or any other link or file."""
        parts = key.split("/")[:-1]
        for count in range(1, len(parts) + 1):
            above = "/".join(parts[:count])
            folder = self.root / above
            if folder.is_symlink() or folder.is_file():
                return above
        return None

    def _ensure_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._ensure_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        self._sync(folder.parent)

    def _sync(self, folder: Path) -> None:
        if self._is_durable:
            sync_folder(folder)


def _locked(folder: Path) -> int:
    """Return a descriptor by whose lock others see that whoever made `folder` lives."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def _remove_if_left(left: Path) -> None:
    if not left.is_dir():
        left.unlink(missing_ok=True)  # a link that was never put in place
        return
    try:
        descriptor = _locked(left)
    except (BlockingIOError, FileNotFoundError):
        return  # its maker lives, or has just removed it
    try:
        shutil.rmtree(left, ignore_errors=True)
    finally:
        os.close(descriptor)


def _prune(folder: Path, top: Path) -> None:
    """Remove `folder` and those above it, up to `top`, as far as they are empty."""
    while folder != top:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
