"""Gives up, for good, what a submission's process must not be able to do."""

import os
import struct

from blueprint.evaluate.sandbox.launcher import kernel

NOBODY = 65534
READ_ANY = 2
"""CAP_DAC_READ_SEARCH: reading past file permissions (Landlock still says which files)."""

_LAST_CAPABILITY = 63
_VERSION_3 = 0x20080522
_AMBIENT_RAISE, _AMBIENT_CLEAR = 2, 4


def become_nobody(*, kept: int | None = None) -> None:
    """Change from root to user and group 65534, keeping at most one capability permitted."""
    if kept is not None:
        kernel.prctl(kernel.SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def drop_capabilities(*, kept: int | None = None) -> None:
    """Hold no capability, now and in every program started from here, except `kept`."""
    mask = 0 if kept is None else 1 << kept
    low, high = mask & 0xFFFFFFFF, mask >> 32
    header = struct.pack("<Ii", _VERSION_3, 0)
    sets = struct.pack("<6I", low, low, low, high, high, high)
    kernel.prctl(kernel.CAP_AMBIENT, _AMBIENT_CLEAR)
    kernel.call("capset", header, sets)
    if kept is not None:
        kernel.prctl(kernel.CAP_AMBIENT, _AMBIENT_RAISE, kept)


def shrink_bounding_set(*, kept: int | None = None) -> None:
    """Make sure that no program file can bring a capability back; needs CAP_SETPCAP."""
    for capability in range(_LAST_CAPABILITY + 1):
        if capability == kept:
            continue
        try:
            kernel.prctl(kernel.CAPBSET_DROP, capability)
        except OSError:  # beyond the last one that this kernel knows
            return


def forbid_new_privileges() -> None:
    """Make set-user-id bits and file capabilities mean nothing from here on."""
    kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)


def hide_memory() -> None:
    """Let no process of the same user look into this one's memory."""
    kernel.prctl(kernel.SET_DUMPABLE, 0)
