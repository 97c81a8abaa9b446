"""The running platform as a process: starts everything, answers, and ends in good order."""

import asyncio
import fcntl
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from blueprint.addresses import embedded_listening
from blueprint.clock import system_clock
from blueprint.database.damage import demand_sound
from blueprint.database.stored import (
    demand_stored,
    in_words,
    is_file,
    migrate_stored,
    needs_migration,
    open_unchecked,
)
from blueprint.deployment import demand_whole
from blueprint.errors import ConflictError
from blueprint.platform import open_platform
from blueprint.serve.lifetime import live
from blueprint.serve.runner_address import RunnerAddress, note_runner
from blueprint.serve.supervision import PartEndedError
from blueprint.state import StateFolder

_LOCK_TRIES = 10
_LOCK_PAUSE_S = 0.05
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_log = logging.getLogger(__name__)


def serve(state: StateFolder, *, runner: RunnerAddress | None = None) -> None:
    """Run what was deployed into `state` until SIGTERM or SIGINT; everything is written to stderr.

    Raises:
        InputError: Nothing was deployed there.
        ConflictError: It runs already.
        ToolError: A port is taken.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=_FORMAT)
    # What strangers do to the protocol is theirs, and must not fill our log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    with _alone(state):
        _migrate(state)
        platform = open_platform(state)
        try:
            listening = embedded_listening(platform.challenge)
            note_runner(state, runner)
            asyncio.run(live(platform, listening, runner))
        finally:
            platform.database.close()
    _log.info("ended")


def _migrate(state: StateFolder) -> None:
    """Bring a sound database to this program's schema: nobody else runs, we hold the lock."""
    demand_stored(state)
    if is_file(state) and not demand_sound(state.database):
        _log.info("the database is too big to be looked through at every start: not all was")
    needs_migration(state)  # refuses what a later program wrote
    demand_whole(state)
    database = open_unchecked(state)
    try:
        migration = migrate_stored(database, state, system_clock())
    finally:
        database.close()
    if migration is not None:
        _log.info(in_words(migration))


@contextmanager
def _alone(state: StateFolder) -> Iterator[None]:
    """Hold the platform's lock, and note the process id beside it."""
    descriptor = os.open(state.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _can_lock(descriptor):
            raise ConflictError(
                f"{state.root}: the platform runs already", hint="`diychallenge status` tells more"
            )
        state.pid.write_text(f"{os.getpid()}\n", encoding="ascii")
        was_cut_off = False
        try:
            yield
        except PartEndedError:
            was_cut_off = True
            raise
        finally:
            # Only a kill or a crash leaves this behind, and so `status` can tell it from a stop.
            if not was_cut_off:
                state.pid.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _can_lock(descriptor: int) -> bool:
    """Take the lock, if nobody keeps it: `status` holds it too, for the instant of a look."""
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_PAUSE_S)
        else:
            return True
    return False
