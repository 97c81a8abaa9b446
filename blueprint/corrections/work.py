"""Does the work of corrections in the process of a command, where no platform does it."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from blueprint.desk.ticket import WORK, Work
from blueprint.evaluate.engine import Engine
from blueprint.evaluate.runner import Worker, run_next
from blueprint.platform import Platform
from blueprint.serve.runner_address import noted_runner
from blueprint.serve.workshop import embedded_workshop

_WORKER = "command"
_RESCORE: frozenset[Work] = frozenset(("rescore",))


@contextmanager
def work_here(
    platform: Platform,
    engine: Engine,
    *,
    is_platform_up: Callable[[], bool],
    rejudges: bool,
) -> Iterator[Callable[[], bool]]:
    """Give what does one piece of work in this process and tells whether there was one.

    Where a platform runs its workers do the work, and this does none; but where it leaves all
    work to evaluation hosts, none of them has the predictions that lie on this disk. Of several
    commands one works. Submissions that wait are the platform's to evaluate: here nobody's code
    runs but for a rejudge.

    Args:
        platform: The deployment.
        engine: Runs code, for what must run again.
        is_platform_up: Whether a platform runs; asked before each piece.
        rejudges: Whether submissions are run again, too; else kept predictions are scored alone.
    """
    here = WORK - {"judge"} if rejudges else _RESCORE
    alone = embedded_workshop(platform, engine, gives=here)
    beside_hosts = embedded_workshop(platform, engine, gives=_RESCORE)
    # What goes wrong is kept with each evaluation; a log would come between a command's lines.
    logging.getLogger("blueprint").addHandler(logging.NullHandler())
    with Worker(_WORKER) as worker, _turns(platform) as is_our_turn:

        def step() -> bool:
            is_up = is_platform_up()
            if is_up and noted_runner(platform.state) is None:
                return False
            return is_our_turn() and run_next(beside_hosts if is_up else alone, worker)

        try:
            yield step
        finally:
            if is_our_turn():  # an interrupted piece begins again with the next command
                alone.desk.release(_WORKER)


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
