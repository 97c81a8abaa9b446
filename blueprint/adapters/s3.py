"""The object store in a bucket of an S3 server, through the `minio` package."""

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO, cast

from urllib3.response import BaseHTTPResponse

from blueprint.adapters.s3_client import S3Client, in_words
from blueprint.adapters.s3_versions import read_page
from blueprint.errors import ConflictError, NotFoundError
from blueprint.files import written_whole
from blueprint.objects.keys import check_content_type, check_folder, check_key, is_key
from blueprint.objects.port import Listed, LockedError, Source, Stored
from blueprint.objects.streams import CHUNK_BYTES, named, open_source, sha256_of, take

_PART_BYTES = 16 * 1024 * 1024
_SHA256 = "x-amz-meta-sha256"
_LOCKED_UNTIL = "x-amz-object-lock-retain-until-date"
_NO_VERSION = "null"
"""What servers call the version of an object in a bucket without versions."""
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,200}")
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
_FOREIGN_TYPE = "application/octet-stream"


class S3Objects:
    """Objects in one bucket, which exists."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, source: Source, content_type: str) -> Stored:
        """Store `source` whole and return what was stored (see the port)."""
        check_key(key)
        check_content_type(content_type)
        with open_source(source) as file:
            sha256, size_bytes = sha256_of(file)
            file.seek(0)
            whole = _Unchanged(file, key, sha256, size_bytes)
            with in_words(self._doing("put", key)):
                made = self._client.put_object(
                    self._bucket,
                    key,
                    cast("BinaryIO", whole),
                    size_bytes,
                    content_type=content_type,
                    metadata={_SHA256: sha256},
                    part_size=_PART_BYTES,
                )
        stored = self.stat(key, version=_version(made.version_id))
        if stored is None:
            raise ConflictError(f"object {key}: was deleted as soon as it was put")
        return stored

    def get(self, key: str, into: Path, *, max_bytes: int, version: str | None = None) -> Stored:
        """Write the content to the file `into` (see the port)."""
        with self._content(key, version) as (stored, chunks), written_whole(into) as sink:
            return replace(stored, sha256=take(chunks, stored, sink, max_bytes=max_bytes))

    def read(self, key: str, *, max_bytes: int, version: str | None = None) -> bytes:
        """Return the content of something small (see the port)."""
        sink = io.BytesIO()
        with self._content(key, version) as (stored, chunks):
            take(chunks, stored, sink, max_bytes=max_bytes)
        return sink.getvalue()

    def stat(self, key: str, *, version: str | None = None) -> Stored | None:
        """Return what is known of an object or of one of its versions (see the port)."""
        check_key(key)
        if not _may_exist(version):
            return None
        try:
            with in_words(self._doing("look at", key, version), version=version):
                found = self._client.stat_object(self._bucket, key, version_id=version)
        except NotFoundError:
            return None
        return _stored(key, found.metadata or {})

    def list_below(self, folder: str = "") -> Iterator[Listed]:
        """Yield the objects below `folder`, by key (see the port)."""
        prefix = check_folder(folder)
        with in_words(f"list {self._bucket}/{prefix}"):
            for one in self._client.list_objects(self._bucket, prefix=prefix, recursive=True):
                key = one.object_name or ""
                if all(map(is_key, key.split("/"))):  # what others put there is none of ours
                    yield Listed(key, one.size or 0, one.last_modified or _BEFORE_ALL)

    def versions(self, key: str) -> tuple[Stored, ...]:
        """Return every version that is kept, the newest first (see the port)."""
        names = list(self._version_names(check_key(key)))
        found = [self.stat(key, version=name) for name in names]
        return tuple(one for one in found if one is not None)

    def delete(self, key: str) -> None:
        """Make sure that there is no such object (see the port)."""
        if self.stat(key) is not None:  # else each repeat would leave one more mark of deletion
            with in_words(self._doing("delete", key)):
                self._client.remove_object(self._bucket, key)

    def delete_version(self, key: str, version: str) -> None:
        """Make sure that there is no such version (see the port)."""
        found = self.stat(key, version=version)
        if found is None:
            return
        try:
            with in_words(self._doing("delete", key, version)):
                self._client.remove_object(self._bucket, key, version_id=version)
        except LockedError:
            until = found.locked_until
            when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
            raise LockedError(f"object {key}: this version is locked{when}") from None

    @contextmanager
    def _content(self, key: str, version: str | None) -> Iterator[tuple[Stored, Iterator[bytes]]]:
        missing = f"there is no object {named(check_key(key), version)} in {self._bucket}"
        if not _may_exist(version):
            raise NotFoundError(missing)
        try:
            with in_words(self._doing("get", key, version), version=version):
                response = self._client.get_object(self._bucket, key, version_id=version)
        except NotFoundError:
            raise NotFoundError(missing) from None
        try:
            yield _stored(key, response.headers), self._chunks(response, key)
        finally:
            response.close()
            response.release_conn()

    def _chunks(self, response: BaseHTTPResponse, key: str) -> Iterator[bytes]:
        with in_words(self._doing("get", key)):
            yield from response.stream(CHUNK_BYTES, decode_content=False)

    def _version_names(self, key: str) -> Iterator[str | None]:
        """Yield the names of all versions of one key, the newest first; no marks of deletion."""
        query = {"prefix": key, "delimiter": "", "max-keys": "1000"}
        while True:
            with in_words(self._doing("list the versions of", key)):
                page = read_page(self._client.version_page(self._bucket, query))
            for found in page.versions:
                if found.key == key:
                    yield _version(found.version)
            if not page.next_key or page.next_key != key:
                return  # others whose names begin with this key come after it
            query |= {"key-marker": page.next_key, "version-id-marker": page.next_version}

    def _doing(self, verb: str, key: str, version: str | None = None) -> str:
        return f"{verb} object {named(key, version)} in {self._bucket}"


class _Unchanged:
    """A file on its way, of which not the last byte is given if it is not what was promised."""

    def __init__(self, file: BinaryIO, key: str, sha256: str, size_bytes: int) -> None:
        self._file = file
        self._key = key
        self._sha256 = sha256
        self._left_bytes = size_bytes
        self._digest = hashlib.sha256()

    def read(self, size_bytes: int) -> bytes:
        """Return the next bytes.

        Raises:
            ConflictError: The file changed since its checksum was made.
        """
        chunk = self._file.read(min(size_bytes, self._left_bytes))
        self._left_bytes -= len(chunk)
        self._digest.update(chunk)
        is_short = not chunk and self._left_bytes > 0
        is_whole = self._left_bytes == 0
        if is_short or (is_whole and self._digest.hexdigest() != self._sha256):
            raise ConflictError(f"object {self._key}: the file changed while it was read")
        return chunk


def _may_exist(version: str | None) -> bool:
    """Tell whether a version can be the name of one; servers answer to others in many ways."""
    return version is None or _VERSION.fullmatch(version) is not None


def _version(name: str | None) -> str | None:
    return None if name in (None, _NO_VERSION) else name


def _stored(key: str, headers: Mapping[str, str]) -> Stored:
    """Return what the headers of an answer say of an object."""
    until, modified = headers.get(_LOCKED_UNTIL), headers.get("last-modified")
    return Stored(
        key=key,
        version=_version(headers.get("x-amz-version-id")),
        size_bytes=int(headers.get("content-length", "0")),
        sha256=headers.get(_SHA256),
        content_type=headers.get("content-type", _FOREIGN_TYPE),
        stored_at=parsedate_to_datetime(modified) if modified else _BEFORE_ALL,
        locked_until=datetime.fromisoformat(until) if until else None,
    )
