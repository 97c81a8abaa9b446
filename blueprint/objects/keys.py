"""What objects may be called: names that mean the same in a folder, in a URL and on any server."""

import re

from blueprint.errors import InputError

_MAX_KEY = 512
_MAX_PART = 128
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+=-]*")
_CONTENT_TYPE = re.compile(
    r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}(; charset=[a-z0-9-]{1,20})?"
)
_RULE = (
    "a key is parts between single slashes; a part begins with a letter, a digit or _ and goes on"
    f" with letters, digits and . _ + = -, at most {_MAX_PART} of them"
)


def check_key(key: str) -> str:
    """Return `key`; no key leads out of its folder, is hidden, or reads as an option.

    Raises:
        InputError: It is not allowed.
    """
    if len(key) > _MAX_KEY:
        raise InputError(
            f"key {key[:40]!r}...: has {len(key)} characters, at most {_MAX_KEY} can be"
        )
    for part in key.split("/"):
        if not is_key(part):
            raise InputError(f"key {key!r}: the part {part!r} is not allowed", hint=_RULE)
    return key


def is_key(name: str) -> bool:
    """Tell whether a name without slashes can be a key, or a part of one."""
    return len(name) <= _MAX_PART and _PART.fullmatch(name) is not None


def check_folder(folder: str) -> str:
    """Return what keys below `folder` begin with: "" for all of them, else with a slash at its end.

    Raises:
        InputError: It cannot be the beginning of a key.
    """
    return check_key(folder) + "/" if folder else ""


def check_content_type(content_type: str) -> str:
    """Return `content_type`.

    Raises:
        InputError: It is not of the form `text/plain` or `text/plain; charset=utf-8`.
    """
    if not _CONTENT_TYPE.fullmatch(content_type):
        raise InputError(
            f"{content_type!r}: is no content type",
            hint="write it as text/plain or as text/plain; charset=utf-8",
        )
    return content_type
