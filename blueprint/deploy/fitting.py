"""Refuses a deploy that does not fit what is stored, before anything is stopped or changed.

The database may still have the schema of an earlier version: only what every version has is read.
"""

from sqlalchemy import inspect, select

from blueprint.clock import Clock
from blueprint.config.model import Challenge
from blueprint.corrections.freeze import demand_splits_kept
from blueprint.data.manifests import demand_giveable
from blueprint.database.connection import Database
from blueprint.database.damage import demand_sound
from blueprint.database.schema import datasets, submissions
from blueprint.database.stored import is_file, is_stored, needs_migration, open_unchecked
from blueprint.deploy.pages import demand_agreements_kept
from blueprint.deploy.record import read_record
from blueprint.deploy.wanted import Wanted
from blueprint.deployment import demand_whole
from blueprint.errors import InputError
from blueprint.platform import Platform
from blueprint.state import StateFolder


def demand_fitting(wanted: Wanted, clock: Clock, *, accept_loss: bool = False) -> tuple[str, ...]:
    """Make sure that a challenge can be put in force on what is stored; nothing is changed.

    Args:
        wanted: What challenge.yaml asks for.
        clock: Gives the present moment.
        accept_loss: Go on without a key or repositories that are lost for good.

    Returns:
        What is lost, in words, where that was accepted.

    Raises:
        InputError: What is stored there does not fit the challenge, or a later program wrote it.
        BlueprintError: The database is damaged, or somebody keeps it locked.
    """
    state = wanted.state
    if is_file(state):
        demand_sound(state.database)
    is_older = needs_migration(state)  # refuses what a later program wrote
    lost = demand_whole(state, accept_loss=accept_loss)
    if not is_stored(state):
        return lost
    database = open_unchecked(state)
    try:
        _compare(wanted, database)
        if is_older:  # else this is found out as they are signed, before anything else is done
            platform = Platform(
                wanted.challenge, wanted.project, state, database, clock, wanted.addresses
            )
            for release in wanted.challenge.data.releases:
                demand_giveable(platform, release)
    finally:
        database.close()
    return lost


def _compare(wanted: Wanted, database: Database) -> None:
    with database.read() as connection:
        tables = set(inspect(connection).get_table_names())
    if submissions.name not in tables:
        return  # it is new
    _demand_same_challenge(database, wanted.challenge, wanted.state)
    _demand_phases_kept(database, wanted.challenge)
    before = read_record(wanted.state)
    if before is not None:
        demand_agreements_kept(database, wanted.state, wanted.project, wanted.challenge, before)
    if datasets.name in tables:
        with database.read() as connection:
            demand_splits_kept(connection, wanted.challenge)


def _demand_same_challenge(database: Database, challenge: Challenge, state: StateFolder) -> None:
    with database.read() as connection:
        known = set(connection.execute(select(submissions.c.challenge).distinct()).scalars())
    other = known - {challenge.challenge.id}
    if other:
        raise InputError(
            f"challenge.id: {state.root} holds submissions to {min(other)!r},"
            f" not to {challenge.challenge.id!r}",
            hint="put the id back; a new challenge needs its own folder",
        )


def _demand_phases_kept(database: Database, challenge: Challenge) -> None:
    """Refuse to drop, or to give another task, a phase that people have submitted to."""
    wanted = {(phase.id, phase.task) for phase in challenge.phases}
    query = select(submissions.c.phase, submissions.c.task).distinct()
    with database.read() as connection:
        used = {(row.phase, row.task) for row in connection.execute(query)}
    missing = sorted(used - wanted)
    if missing:
        listed = ", ".join(f"{phase} (task {task})" for phase, task in missing)
        raise InputError(
            f"phases: people have submitted to {listed}, which challenge.yaml no longer has",
            hint="put it back; `board: {visible: hidden}` takes a phase off the leaderboard,"
            " `closes:` ends it",
        )
