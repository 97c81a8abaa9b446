"""One version of an object on a disk: a folder with its content and what is known of it."""

import json
from datetime import datetime
from pathlib import Path

from blueprint.files import sync_folder, written_whole
from blueprint.objects.layout import CONTENT
from blueprint.objects.port import DamagedError, Source, Stored
from blueprint.objects.streams import copy_hashed, open_source

_ABOUT = "about.json"
_MODE = 0o600


def write_version(
    folder: Path,
    source: Source,
    *,
    content_type: str,
    stored_at: datetime,
    locked_until: datetime | None,
    is_durable: bool,
) -> None:
    """Make `folder`, which no reader knows yet, a whole version with the content of `source`.

    Raises:
        InputError: `source` cannot be read.
    """
    with open_source(source) as taken:
        folder.mkdir(mode=0o700)
        with written_whole(folder / CONTENT, mode=_MODE, is_durable=is_durable) as file:
            sha256, size_bytes = copy_hashed(taken, file)
    about = {
        "sha256": sha256,
        "size_bytes": size_bytes,
        "content_type": content_type,
        "stored_at": stored_at.isoformat(),
        "locked_until": None if locked_until is None else locked_until.isoformat(),
    }
    with written_whole(folder / _ABOUT, mode=_MODE, is_durable=is_durable) as file:
        file.write(json.dumps(about, indent=1).encode("ascii"))
    if is_durable:
        sync_folder(folder)


def read_about(folder: Path, key: str, version: str | None) -> Stored:
    """Return what is known of the version in `folder`.

    Raises:
        FileNotFoundError: It was removed.
        DamagedError: What is known of it cannot be read.
    """
    data = (folder / _ABOUT).read_bytes()
    try:
        about = json.loads(data)
        until = about["locked_until"]
        return Stored(
            key=key,
            version=version,
            size_bytes=int(about["size_bytes"]),
            sha256=str(about["sha256"]),
            content_type=str(about["content_type"]),
            stored_at=datetime.fromisoformat(about["stored_at"]),
            locked_until=None if until is None else datetime.fromisoformat(until),
        )
    except (ValueError, TypeError, KeyError):
        raise DamagedError(
            f"{folder / _ABOUT}: cannot be read", hint="put it back from your backup"
        ) from None
