"""SHA-256 of files, made again only when a file was touched; numpy is never imported.

    digests = FileDigests(open_cache(state))
    digests.digest(path)   # FileDigest(sha256, size_bytes); reads the file only when it must
    digests.known(path)    # the same from the cache by one stat, None when it would have to read

A cached digest counts only while path, device, inode, size, time of change of the content and of
the inode are what they were: a copy that keeps its times (`cp -p`, `rsync -t`) is still noticed,
because nobody can set the inode's. A file that was touched within the last two seconds is not
cached: it could change again within one tick of its clock.
"""

import hashlib
import os
from pathlib import Path

from blueprint.clock import Clock, system_clock
from blueprint.data.fact_cache import FactCache
from blueprint.evaluations.datasets import FileDigest
from blueprint.images.sources import VolumeError, open_regular

__all__ = ["FileDigest", "FileDigests"]

_CHUNK_BYTES = 1024 * 1024
_SETTLED_NS = 2_000_000_000
_DIGEST_DIGITS = 64


class FileDigests:
    """Digests of regular files through a cache. Safe for threads and processes."""

    def __init__(
        self, cache: FactCache, clock: Clock = system_clock, *, anew: bool = False
    ) -> None:
        """Keep digests in `cache`; with `anew` believe none of it: every file is read again."""
        self._cache = cache
        self._clock = clock
        self._anew = anew

    def known(self, path: Path) -> FileDigest | None:
        """Return the digest of a file that was not touched since; its content is not read."""
        if self._anew:
            return None
        try:
            told = path.stat(follow_symlinks=False)
        except OSError:
            return None
        fact = self._cache.get(_key(path))
        if not isinstance(fact, list) or len(fact) != 2 or fact[0] != _state(told):  # noqa: PLR2004
            return None
        sha256 = fact[1]
        if not isinstance(sha256, str) or len(sha256) != _DIGEST_DIGITS:
            return None
        return FileDigest(sha256, told.st_size)

    def digest(self, path: Path) -> FileDigest:
        """Return the digest of a file.

        Raises:
            VolumeError: It is no regular file (links are not followed, pipes not waited for),
                cannot be read, or was changed meanwhile. The message is the rest of a sentence
                about the file.
        """
        found = self.known(path)
        if found is not None:
            return found
        begun_ns = int(self._clock().timestamp() * 1e9)
        before, sha256 = _read(path)
        if begun_ns - max(before.st_mtime_ns, before.st_ctime_ns) > _SETTLED_NS:
            self._cache.put({_key(path): [_state(before), sha256]})
        return FileDigest(sha256, before.st_size)


def _read(path: Path) -> tuple[os.stat_result, str]:
    digest = hashlib.sha256()
    try:
        with open_regular(path) as file:
            before = os.fstat(file.fileno())
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise VolumeError(f"cannot be read: {error.strerror or error}") from None
    if _state(before) != _state(after):
        raise VolumeError("was changed while it was read")
    return before, digest.hexdigest()


def _key(path: Path) -> str:
    return f"file:{os.path.abspath(path)}"  # noqa: PTH100 (links of the way are not followed)


def _state(told: os.stat_result) -> list[int]:
    return [told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns]
