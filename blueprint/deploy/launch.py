"""Starts the platform as a process of its own and waits until it answers."""

import os
import sys
import time

from blueprint.adapters import process
from blueprint.adapters.docker_engine import ADDRESS_VARIABLE
from blueprint.clock import monotonic_s
from blueprint.config.model import Embedded
from blueprint.deploy.prepare import open_log
from blueprint.deploy.reach import is_answering
from blueprint.errors import BlueprintError
from blueprint.state import StateFolder

_POLL_S = 0.03
_LAST_WORDS = 5
_STARTED: list[process.Child] = []
"""Platforms that this process started: they outlive it, so nobody waits for their end."""


def launch(state: StateFolder, embedded: Embedded, *, patience_s: float) -> None:
    """Start what was deployed into `state`, with its log as output; return when it answers.

    Raises:
        BlueprintError: It ended, or did not answer in time; the message has its last words.
    """
    begin = state.log.stat().st_size if state.log.exists() else 0
    child = _start(state)
    until = monotonic_s() + patience_s
    while not is_answering(embedded.address, embedded.http):
        if child.poll() is not None:
            raise _failed(state, begin, "the platform ended while it was starting")
        if monotonic_s() > until:
            raise _failed(state, begin, f"the platform did not answer within {patience_s:g} s")
        time.sleep(_POLL_S)


def serve_argv(state: StateFolder) -> list[str]:
    """Return the command that runs a deployed platform in front."""
    # -P: a folder called blueprint where we happen to stand is not the program.
    return [sys.executable, "-P", "-m", "cli", "serve", "--state", str(state.root)]


def _start(state: StateFolder) -> process.Child:
    with os.fdopen(open_log(state), "ab", buffering=0) as log:
        child = process.start(
            serve_argv(state),
            cwd=state.root,
            env=_environment(),
            stdout=log,
            stderr=process.STDOUT,
        )
    _STARTED.append(child)
    return child


def _environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name.startswith("DIYCHALLENGE_")}
    if engine := os.environ.get(ADDRESS_VARIABLE):
        ours[ADDRESS_VARIABLE] = engine
    return {**process.plain_environment(), **ours}


def _failed(state: StateFolder, begin: int, what: str) -> BlueprintError:
    with state.log.open("rb") as file:
        file.seek(min(begin, state.log.stat().st_size))
        lines = file.read().decode("utf-8", "replace").splitlines()
    last = "".join(f"\n  {line}" for line in lines[-_LAST_WORDS:]) or " none"
    return BlueprintError(f"{what}; its last words:{last}", hint=f"the whole log is {state.log}")
