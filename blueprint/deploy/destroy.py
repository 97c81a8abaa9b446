"""Takes a deployment away: exactly what `deploy` and the platform made, and nothing else."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from blueprint.database.damage import StorageError
from blueprint.database.schema import accesses, profiles, submissions
from blueprint.database.stored import is_file, is_stored, open_unchecked
from blueprint.deploy import running
from blueprint.deploy.contents import alone, foreign_entries, own_entries, remove_sockets
from blueprint.deploy.record import read_record
from blueprint.errors import InputError
from blueprint.evaluate.removal import remove_tree
from blueprint.state import StateFolder


@dataclass(frozen=True)
class Holdings:
    """What would be lost."""

    challenge: str
    place: Path
    """Where it is kept."""
    counts: tuple[int, int, int] | None
    """People, submissions and downloads; None when the database cannot be read."""

    @property
    def words(self) -> str:
        """What would be lost, in words."""
        if self.counts is None:
            return "all that its database holds (which cannot be read now)"
        people_, submissions_, downloads = self.counts
        return (
            f"{people_} people, {submissions_} submissions and the record of {downloads} downloads"
        )


@dataclass(frozen=True)
class Destruction:
    """What was removed, and what was left."""

    removed: tuple[Path, ...]
    left: tuple[Path, ...]
    """Somebody else put it there."""
    emptied: tuple[Path, ...] = ()
    """Places where a file system is mounted: that is the administrator's, and stays."""
    server: str | None = None
    """The database on a server, whose tables are still there; None where it was a file."""


def holdings_of(state: StateFolder) -> Holdings:
    """Return what a destroy of this state folder would take away.

    Raises:
        InputError: There is nothing.
    """
    if not own_entries(state):
        raise InputError(f"{state.root}: nothing is deployed here, so there is nothing to destroy")
    record = read_record(state)
    challenge = record.plan.challenge_id if record else state.root.name
    if not is_stored(state):
        return Holdings(challenge, state.root, (0, 0, 0))
    return Holdings(challenge, state.root, _counts(state))


def _counts(state: StateFolder) -> tuple[int, int, int] | None:
    """Return how much is held; a broken or locked database must not keep it from being removed."""
    database = open_unchecked(state)
    try:
        with database.read() as connection:
            held, pushed, given = (
                int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in (profiles, submissions, accesses)
            )
    except (DBAPIError, StorageError):
        return None
    else:
        return held, pushed, given
    finally:
        database.close()


def _server(state: StateFolder) -> str | None:
    """Return which database on a server the deployment uses, without the password."""
    if not is_stored(state) or is_file(state):
        return None
    database = open_unchecked(state)
    try:
        return database.place
    finally:
        database.close()


def destroy(state: StateFolder) -> Destruction:
    """Stop the platform and remove what was made: the state folder and the socket folder.

    challenge.yaml, the pages and the data are the organizer's and stay.

    Raises:
        BlueprintError: The platform runs and cannot be stopped; nothing was removed.
    """
    record = read_record(state)
    server = _server(state)
    with alone(state):
        running.stop(state)
        removed = [*own_entries(state)]
        # The record goes last: what remains of an interrupted destroy is still known as ours.
        for entry in sorted(removed, key=lambda path: path == state.deployed):
            _remove(entry)
        # TMPDIR may have been another at the deploy: the record knows the folder of then.
        noted = {state.socket_folder, Path(record.socket_folder) if record else state.socket_folder}
        removed += [sockets for sockets in noted if remove_sockets(sockets)]
    left = foreign_entries(state)
    if not left and not state.root.is_mount():
        removed += _remove_folders(state.root, Path(record.project) if record else None)
    emptied = tuple(place for place in (state.root, *removed) if place.is_mount())
    gone = tuple(place for place in removed if place not in emptied)
    return Destruction(gone, left, emptied, server)


def _remove_folders(root: Path, project: Path | None) -> list[Path]:
    """Remove the empty state folder, and the empty folders that were made to hold it."""
    if any(root.iterdir()):  # a file system is mounted in it
        return []
    removed = [root]
    root.rmdir()
    for folder in root.parents:
        if project is None or project not in folder.parents or any(folder.iterdir()):
            break
        folder.rmdir()
        removed.append(folder)
    return removed


def _remove(path: Path) -> None:
    if path.is_mount():
        for entry in path.iterdir():
            _remove(entry)
    elif path.is_dir() and not path.is_symlink():
        remove_tree(path)
        if path.exists():
            shutil.rmtree(path)  # says what stands in the way
    else:
        path.unlink(missing_ok=True)
