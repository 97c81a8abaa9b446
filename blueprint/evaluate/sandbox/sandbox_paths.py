"""Inside a run without namespaces: /input, /code, /output and /tmp mean the run's own folders.

It holds nothing back (Landlock does that); it only keeps the contract's names true for programs
that open files through Python. Copied into the run's own Python; standard library only.
"""

import builtins
import io
import os
from collections.abc import Callable
from functools import wraps

_ONE_PATH = (
    "access", "chdir", "chmod", "chown", "getxattr", "listdir", "listxattr", "lstat", "mkdir",
    "mkfifo", "mknod", "open", "readlink", "remove", "removexattr", "rmdir", "scandir", "setxattr",
    "stat", "statvfs", "truncate", "unlink", "utime",
)  # fmt: skip
_TWO_PATHS = ("link", "rename", "replace", "symlink")


def install(places: dict[str, str], real: list[str]) -> None:
    """Redirect Python's functions that take paths.

    Args:
        places: Maps prefixes to the folders that they mean.
        real: What lies below these is meant as it is written: the run's folders and the packages
            may themselves lie in the machine's /tmp.
    """
    table = [*((f"{path}/", f"{path}/") for path in real), *_as_prefixes(places)]
    for name in _ONE_PATH:
        _replace(os, name, table, paths=1)
    for name in _TWO_PATHS:
        _replace(os, name, table, paths=2)
    _replace(io, "open", table, paths=1)
    builtins.open = io.open


def _as_prefixes(places: dict[str, str]) -> list[tuple[str, str]]:
    return [(f"{prefix}/", f"{folder}/") for prefix, folder in places.items()]


def _replace(module: object, name: str, table: list[tuple[str, str]], *, paths: int) -> None:
    original: Callable[..., object] = getattr(module, name)

    @wraps(original)
    def redirected(*arguments: object, **named: object) -> object:
        moved = [_move(argument, table) for argument in arguments[:paths]]
        for key in ("path", "file", "src", "dst"):
            if key in named:
                named[key] = _move(named[key], table)
        return original(*moved, *arguments[paths:], **named)

    setattr(module, name, redirected)
    for capable in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        if original in capable:
            capable.add(redirected)


def _move(argument: object, table: list[tuple[str, str]]) -> object:
    if not isinstance(argument, str | bytes | os.PathLike):
        return argument
    path = os.fspath(argument)
    text = os.fsdecode(path)
    for prefix, folder in table:
        if f"{text}/".startswith(prefix):
            if folder == prefix:
                return argument
            moved = folder[:-1] + text[len(prefix) - 1 :]
            return os.fsencode(moved) if isinstance(path, bytes) else moved
    return argument
