"""What this machine must offer before anything is made on it."""

import os
import pwd
import shutil
import sys

from blueprint.adapters import process
from blueprint.deploy.contents import foreign_entries
from blueprint.errors import InputError, ToolError
from blueprint.state import StateFolder

_GIT_TIMEOUT_S = 10


def demand_linux() -> None:
    """Make sure that this is Linux.

    Raises:
        InputError: It is not.
    """
    if sys.platform != "linux":
        raise InputError(
            f"the embedded platform runs on Linux, and this is {sys.platform}",
            hint="use a Linux machine or a Linux virtual machine",
        )


def demand_git() -> None:
    """Make sure that git is here, with the part that serves repositories over HTTP.

    Raises:
        ToolError: It is not.
    """
    hint = "install git (Debian: apt install git; Fedora: dnf install git)"
    if shutil.which("git") is None:
        raise ToolError("git is not installed", hint=hint)
    found = process.run(["git", "--exec-path"], timeout_s=_GIT_TIMEOUT_S)
    folder = found.stdout.decode("utf-8", "replace").strip()
    if found.code != 0 or shutil.which("git-http-backend", path=folder) is None:
        raise ToolError("this git has no git-http-backend", hint=hint)


def demand_ours(state: StateFolder) -> None:
    """Make sure that the state folder is absent, empty or made by a deploy of this user.

    Raises:
        InputError: It is somebody else's, or holds what no deploy made.
    """
    folder = state.root
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: is not a folder", hint="name another embedded.state")
    demand_owner(state)
    foreign = foreign_entries(state)
    if foreign and not state.deployed.exists():
        raise InputError(
            f"{folder}: holds what no deploy made ({foreign[0].name})",
            hint="name an empty or new folder as embedded.state in challenge.yaml",
        )


def demand_owner(state: StateFolder) -> None:
    """Make sure that the state folder, where there is one, is this user's: root's too.

    What another user writes there would be in the way of the platform that runs on it.

    Raises:
        InputError: It belongs to somebody else.
    """
    owner = state.root.stat().st_uid if state.root.exists() else os.geteuid()
    if owner != os.geteuid():
        raise InputError(
            f"{state.root}: belongs to user {_name(owner)}",
            hint=f"run diychallenge as {_name(owner)}, as it was deployed",
        )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
