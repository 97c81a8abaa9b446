"""One handle on a deployment: its challenge in force, its state folder, its database, its clock."""

import json
from dataclasses import dataclass
from pathlib import Path

from blueprint.clock import Clock, system_clock
from blueprint.config.load import load
from blueprint.config.model import Challenge
from blueprint.database.connection import Database, open_sqlite
from blueprint.errors import InputError
from blueprint.state import StateFolder


@dataclass(frozen=True)
class Platform:
    """What every stage needs; the CLI and the running platform open the same one."""

    challenge: Challenge
    project: Path
    """The folder of challenge.yaml: paths in the file are relative to it."""
    state: StateFolder
    database: Database
    clock: Clock

    @property
    def base_url(self) -> str:
        """Where the portal, site and git answer, without a slash at the end."""
        embedded = self.challenge.embedded
        host = f"[{embedded.address}]" if ":" in embedded.address else embedded.address
        return f"http://{host}:{embedded.http}"


def open_platform(state: StateFolder, *, clock: Clock = system_clock) -> Platform:
    """Return the handle on what was deployed into `state`.

    Raises:
        InputError: Nothing was deployed there.
    """
    if not state.deployed.is_file():
        raise InputError(
            f"{state.root}: nothing is deployed here",
            hint="run `diychallenge deploy` in the folder of challenge.yaml first",
        )
    project = Path(json.loads(state.deployed.read_text(encoding="utf-8"))["project"])
    challenge = load(state.challenge_file, base=project, check_data=False)
    return Platform(challenge, project, state, open_sqlite(state.database), clock)
