"""Follows the work on corrections, and does it here where no platform runs."""

import fcntl
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select

from blueprint.corrections.plan import Selection
from blueprint.database.schema import evaluations, submissions
from blueprint.errors import BlueprintError
from blueprint.evaluate.engine import Engine
from blueprint.evaluate.runner import Worker, run_next
from blueprint.evaluations.sets import Place, is_under, pending_sets
from blueprint.ledger.rework import OTHER_FILES
from blueprint.platform import Platform
from blueprint.serve.workshop import embedded_workshop

_WORKER = "command"


@dataclass(frozen=True)
class Progress:
    """How many evaluations of a correction are done, failed, and left to do."""

    done: int
    failed: int
    left: int

    @property
    def words(self) -> str:
        """`12 of 100 scored again, 1 failed`."""
        total = self.done + self.failed + self.left
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.done} of {total} scored again{failed}"


def progress_of(platform: Platform, places: Collection[Place], selection: Selection) -> Progress:
    """Return how far the corrections of some splits are, for the submissions that are meant.

    Raises:
        BlueprintError: The files were changed again, so that the work cannot end.
    """
    states: list[tuple[str, str]] = []
    with platform.database.read() as connection:
        for place, one in pending_sets(connection).items():
            if place not in places:
                continue
            query = (
                select(evaluations.c.state, evaluations.c.note)
                .join(submissions, submissions.c.id == evaluations.c.submission_id)
                .where(is_under(one.terms))
            )
            if selection.phase is not None:
                query = query.where(submissions.c.phase == selection.phase)
            if selection.submission is not None:
                query = query.where(submissions.c.id == selection.submission)
            states += [(row.state, row.note) for row in connection.execute(query)]
    left = [note for state, note in states if state in ("waiting", "running")]
    if left and all(note == OTHER_FILES for note in left):
        raise BlueprintError(
            "the files were changed again since the correction was begun",
            hint="give the command again to begin with the files of now; the leaderboard is as"
            " it was",
        )
    count = {state: sum(one == state for one, _ in states) for state in ("done", "failed")}
    return Progress(count["done"], count["failed"], len(left))


@contextmanager
def work_here(
    platform: Platform, engine: Engine, *, is_done_elsewhere: Callable[[], bool]
) -> Iterator[Callable[[], bool]]:
    """Give what does one piece of work in this process and tells whether there was one.

    Where a platform runs its workers do the work, and this does none; of several commands one
    does it. Submissions that wait are the platform's to evaluate: here nobody's code runs but for
    a rejudge.

    Args:
        platform: The deployment.
        engine: Runs code, for what must run again.
        is_done_elsewhere: Whether a platform runs; asked before each piece.
    """
    workshop = embedded_workshop(platform, engine, corrections_alone=True)
    # What goes wrong is kept with each evaluation; a log would come between a command's lines.
    logging.getLogger("blueprint").addHandler(logging.NullHandler())
    with Worker(_WORKER) as worker, _turns(platform) as is_our_turn:

        def step() -> bool:
            return not is_done_elsewhere() and is_our_turn() and run_next(workshop, worker)

        try:
            yield step
        finally:
            if is_our_turn():  # an interrupted piece begins again with the next command
                workshop.desk.release(_WORKER)


@contextmanager
def _turns(platform: Platform) -> Iterator[Callable[[], bool]]:
    """Give what tells whether this command works: the first one that asks does, until it ends.

    All use one worker's name, under which what a killed one held is found again.
    """
    platform.state.cache.mkdir(mode=0o700, exist_ok=True)
    with (platform.state.cache / "corrections.lock").open("w") as lock:

        def is_our_turn() -> bool:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield is_our_turn
