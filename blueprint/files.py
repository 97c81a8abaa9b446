"""How a file is written: whole or not at all, and a secret once."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, data: bytes, *, mode: int = 0o600, is_durable: bool = True) -> None:
    """Put `data` in place as a file: a reader, and a crash, see the old one or the new one.

    Args:
        path: Its folder exists.
        data: All of it.
        mode: The permissions, whatever the umask is.
        is_durable: Wait for the disk; not worth it where a power loss may cost the last words.
    """
    _draft(path, data, mode, is_durable=is_durable).replace(path)
    if is_durable:
        _sync_folder(path.parent)


def ensure_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the secret in `path` (mode 0600), made when there is none; its folder becomes 0700.

    Of two processes that make it at the same time, the first one's stays and both return it.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _draft(path, make(), 0o600, is_durable=True)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        _sync_folder(path.parent)
    return path.read_bytes()


def _draft(path: Path, data: bytes, mode: int, *, is_durable: bool) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _sync_folder(folder: Path) -> None:
    """Make the name as durable as the content: else a power loss could take the file back."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
