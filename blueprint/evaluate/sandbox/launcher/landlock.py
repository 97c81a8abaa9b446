"""Confines a process to named folders with Landlock, where namespaces are switched off.

What each ABI version adds is in the kernel's Documentation/userspace-api/landlock.rst.
"""

import os
import struct
from collections.abc import Iterable

from blueprint.evaluate.sandbox.launcher import kernel
from blueprint.evaluate.sandbox.launcher.spec import LauncherError, Spec

_EXECUTE, _WRITE, _READ_FILE, _READ_FOLDER = 0x1, 0x2, 0x4, 0x8
_REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FOLDER, _MAKE_REGULAR = 0x10, 0x20, 0x80, 0x100
_MAKE_LINK, _REFER, _TRUNCATE = 0x1000, 0x2000, 0x4000
_FOR_FILES = _EXECUTE | _WRITE | _READ_FILE | _TRUNCATE
_READ = _READ_FILE | _READ_FOLDER
_CHANGE = (
    _WRITE | _REMOVE_FOLDER | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_REGULAR
    | _MAKE_LINK | _REFER | _TRUNCATE
)  # fmt: skip

# Rights that exist from an ABI version on: (version, mask of all rights until then).
_FILE_RIGHTS = ((5, 0xFFFF), (3, 0x7FFF), (2, 0x3FFF), (1, 0x1FFF))
_NETWORK_RIGHTS, _NETWORK_ABI = 0x3, 4
_SCOPES, _SCOPE_ABI = 0x3, 6
_ASK_VERSION, _PATH_BENEATH = 1, 1
# Not zero: mapped and shared, it is memory that is in no process's account.
_DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")


def abi() -> int:
    """Return the version of Landlock that this kernel has, 0 where it is missing or off."""
    try:
        return kernel.call("landlock_create_ruleset", None, 0, _ASK_VERSION)
    except OSError:
        return 0


def confine(spec: Spec) -> None:
    """Let this process read libraries, inputs and code, write its work folder, and no more.

    Raises:
        LauncherError: Landlock is missing, or a path cannot be opened.
    """
    version = abi()
    if version == 0:
        raise LauncherError("Landlock is not available")
    handled = next(mask for first, mask in _FILE_RIGHTS if version >= first)
    fields = [handled]
    if version >= _NETWORK_ABI:
        fields.append(_NETWORK_RIGHTS)
    if version >= _SCOPE_ABI:
        fields.append(_SCOPES)
    attributes = struct.pack(f"<{len(fields)}Q", *fields)
    ruleset = kernel.call("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for path, rights in _rules(spec):
            _allow(ruleset, path, rights & handled)
        kernel.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _rules(spec: Spec) -> Iterable[tuple[str, int]]:
    for source, _ in spec.binds:
        yield source, _READ | _EXECUTE
    yield spec.inputs, _READ
    yield f"{spec.work}/python", _READ | _EXECUTE
    if spec.code is not None:
        yield spec.code, _READ | _EXECUTE
    yield f"{spec.work}/output", _READ | _CHANGE
    yield f"{spec.work}/tmp", _READ | _CHANGE | _EXECUTE
    for device in _DEVICES:
        yield device, _READ_FILE | _WRITE | _TRUNCATE


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        raise LauncherError(f"allow {path}: {error.strerror}") from None
    try:
        if not os.path.isdir(path):
            rights &= _FOR_FILES
        rule = struct.pack("<Qi", rights, fd)
        kernel.call("landlock_add_rule", ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(fd)
