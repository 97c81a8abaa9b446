"""What a deploy makes: the one list that `destroy` removes and that `deploy` knows as its own."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blueprint.errors import ConflictError, InputError
from blueprint.state import StateFolder

_WHOLE = r"deployed\.json|datasets\.json|platform\.runner|challenge\.yaml|engine"
_DRAFT = re.compile(rf"\.({_WHOLE})\.[0-9a-f]{{12}}")
_OF_FILE_SYSTEM = "lost+found"
"""Stands in every new ext4, which may be mounted as the state folder."""
_DATABASE_PARTS = ("-wal", "-shm", "-journal")


def own_entries(state: StateFolder) -> tuple[Path, ...]:
    """Return what lies in the state folder and was made by a deploy or the platform."""
    if not state.root.is_dir():
        return ()
    known = _known_names(state)
    found = (path for path in state.root.iterdir() if _is_ours(path.name, known))
    return tuple(sorted(found))


def foreign_entries(state: StateFolder) -> tuple[Path, ...]:
    """Return what lies in the state folder and was put there by somebody else."""
    if not state.root.is_dir():
        return ()
    known = _known_names(state)
    found = (
        path
        for path in state.root.iterdir()
        if not _is_ours(path.name, known) and path.name != _OF_FILE_SYSTEM
    )
    return tuple(sorted(found))


@contextmanager
def alone(state: StateFolder) -> Iterator[None]:
    """Keep other deploys of the same state folder out; the folder is made when absent.

    Raises:
        ConflictError: Another one is under way.
        InputError: The folder cannot be written.
    """
    try:
        state.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(deploy_lock(state), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InputError(
            f"{state.root}: cannot be written: {error.strerror}",
            hint="mount it writable, make room, or give it back to the user of the platform",
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConflictError(
            f"{state.root}: another deploy or destroy is under way", hint="wait for it to end"
        ) from None
    finally:
        os.close(descriptor)


def remove_sockets(folder: Path) -> bool:
    """Remove a socket folder; return whether there was one."""
    # The name is ours alone: an edited record must not make us remove something else.
    ours = re.fullmatch(rf"diychallenge-{os.getuid()}-[0-9a-f]{{12}}", folder.name)
    if not ours or folder.is_symlink() or not folder.is_dir():
        return False
    shutil.rmtree(folder)
    return True


def deploy_lock(state: StateFolder) -> Path:
    """Return the file that a deploy holds locked while it works."""
    return state.root / "deploy.lock"


def old_log(state: StateFolder) -> Path:
    """Return where the log before the present one is kept."""
    return state.log.with_name(state.log.name + ".1")


def _known_names(state: StateFolder) -> frozenset[str]:
    places = (
        state.database, state.deployed, state.challenge_file, state.lock, state.pid, state.log,
        state.keys, state.git, state.inputs, state.runs, state.predictions, state.logs,
        state.releases, state.cache, state.outbox, state.copies, state.site.parent,
        state.pages.parent, state.own_sockets, state.runner, state.datasets, state.engine,
        deploy_lock(state), old_log(state),
    )  # fmt: skip
    parts = {state.database.name + part for part in _DATABASE_PARTS}
    return frozenset({place.name for place in places} | parts)


def _is_ours(name: str, known: frozenset[str]) -> bool:
    return name in known or bool(_DRAFT.fullmatch(name))
