"""Opens what was deployed from a challenge.yaml, for commands that read or change it."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.options import definition

if TYPE_CHECKING:
    from blueprint.deploy.target import Target
    from blueprint.platform import Platform
    from blueprint.state import StateFolder


def state_here(file: Path) -> "StateFolder":
    """Return the state folder of a challenge.yaml."""
    from blueprint.deploy.host import demand_owner
    from blueprint.deploy.locate import state_of

    state = state_of(definition(file))
    demand_owner(state)
    return state


def target_here(file: Path) -> "Target":
    """Return where the challenge of a challenge.yaml is in force, or shall be."""
    from blueprint.deploy.targets import target_of

    return target_of(definition(file))


def open_here(file: Path) -> "Platform":
    """Return the handle on what was deployed from a challenge.yaml."""
    from blueprint.platform import open_platform

    return open_platform(state_here(file))


def actor() -> str:
    """Return who types, for the audit log: `cli:<login name>`."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"
