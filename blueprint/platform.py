"""One handle on a deployment: its challenge in force, its state folder, its database, its clock."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from blueprint.addresses import Addresses, noted_addresses
from blueprint.clock import Clock, system_clock
from blueprint.config.load import load
from blueprint.config.model import Challenge
from blueprint.database.connection import Database
from blueprint.database.stored import open_stored
from blueprint.deployment import demand_of
from blueprint.errors import InputError
from blueprint.state import StateFolder
from blueprint.stores import Stores, open_stores


@dataclass(frozen=True)
class Platform:
    """What every stage needs; the CLI and the running platform open the same one."""

    challenge: Challenge
    project: Path
    """The folder of challenge.yaml: paths in the file are relative to it."""
    state: StateFolder
    database: Database
    clock: Clock
    addresses: Addresses
    """Where people reach it, as its target said when it was deployed."""

    @cached_property
    def stores(self) -> Stores:
        """The stores of objects: folders of the state, or buckets of an S3 server."""
        return open_stores(self.state)

    @property
    def pages(self) -> Path | None:
        """The folder of Markdown pages in force, a copy that the deploy made; None: no pages."""
        named = self.challenge.challenge.pages
        if named is None:
            return None
        # The first version kept no copy: until the next deploy its pages are those in the folder.
        return self.state.pages if self.state.pages.is_dir() else self.project / named


def open_platform(state: StateFolder, *, clock: Clock = system_clock) -> Platform:
    """Return the handle on what was deployed into `state`.

    Raises:
        InputError: Nothing was deployed there, or the database is another version's or another
            deployment's.
    """
    if not state.deployed.is_file():
        raise InputError(
            f"{state.root}: nothing is deployed here",
            hint="run `diychallenge deploy` in the folder of challenge.yaml first",
        )
    record = json.loads(state.deployed.read_text(encoding="utf-8"))
    project = Path(record["project"])
    challenge = load(state.challenge_file, base=project, check_data=False)
    addresses = noted_addresses(record.get("addresses"), challenge)
    database = open_stored(state)
    try:
        demand_of(database, str(record.get("deployment") or ""), state)
    except BaseException:
        database.close()
        raise
    return Platform(challenge, project, state, database, clock, addresses)
