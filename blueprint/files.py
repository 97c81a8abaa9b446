"""How a file is written: whole or not at all, and a secret once."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, data: bytes, *, mode: int = 0o600, is_durable: bool = True) -> None:
    """Put `data` in place as a file: a reader, and a crash, see the old one or the new one.

    Args:
        path: Its folder exists.
        data: All of it.
        mode: The permissions, whatever the umask is.
        is_durable: Wait for the disk; not worth it where a power loss may cost the last words.
    """
    with written_whole(path, mode=mode, is_durable=is_durable) as file:
        file.write(data)


@contextmanager
def written_whole(path: Path, *, mode: int = 0o600, is_durable: bool = True) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` when the block ends well, as `write_whole`.

    When the block fails, nothing has changed.
    """
    with _draft(path, mode, is_durable=is_durable) as (draft, file):
        yield file
    draft.replace(path)
    if is_durable:
        sync_folder(path.parent)


def ensure_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the secret in `path` (mode 0600), made when there is none; its folder becomes 0700.

    Of two processes that make it at the same time, the first one's stays and both return it.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _draft(path, 0o600, is_durable=True) as (draft, file):
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        sync_folder(path.parent)
    return path.read_bytes()


def sync_folder(folder: Path) -> None:
    """Make the names in it as durable as the content: else a power loss could take them back."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _draft(path: Path, mode: int, *, is_durable: bool) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a file beside `path`; it is whole when the block ends well, and gone when it fails."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            yield draft, file
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
