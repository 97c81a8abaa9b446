"""The evaluator inside of the platform: its desk is the ledger, its disk the state folder."""

from collections.abc import Collection
from pathlib import Path

from blueprint.config.model import Challenge, EngineWord, Split
from blueprint.data.fact_cache import open_cache
from blueprint.data.file_digests import FileDigests
from blueprint.desk.ticket import WORK, Work
from blueprint.errors import InputError
from blueprint.evaluate.engine import Engine
from blueprint.evaluate.engines import choose_engine
from blueprint.evaluate.store import EvaluatorStore
from blueprint.evaluate.workshop import Workshop
from blueprint.platform import Platform
from blueprint.serve.ledger_desk import LedgerDesk
from blueprint.state import StateFolder


def embedded_workshop(
    platform: Platform, engine: Engine, *, gives: Collection[Work] = WORK
) -> Workshop:
    """Return what the platform's own workers work with (see `LedgerDesk`)."""
    digests = FileDigests(open_cache(platform.state), platform.clock)
    desk = LedgerDesk(platform, gives=gives)
    return Workshop(desk, embedded_store(platform), engine, digests=digests)


def embedded_engine(platform: Platform) -> Engine:
    """Return what runs submissions here: the engine in force, whatever answers at the moment.

    What `auto` meant was settled when it was deployed: a Docker engine that is away later is a
    fault of the platform, and never a reason to run strangers' code behind thinner walls.
    """
    state = platform.state
    try:
        named = state.engine.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        named = "process"  # the only one of the version that deployed it
    if named not in ("process", "docker"):
        raise InputError(
            f"{state.engine}: there is no engine {named!r}", hint="run `diychallenge deploy` again"
        )
    wanted: EngineWord = "docker" if named == "docker" else "process"
    hidden = (state.root, platform.project)
    return choose_engine(wanted, hidden=hidden, scratch=state.root).engine


def embedded_store(platform: Platform) -> EvaluatorStore:
    """Return the platform's own disk as an evaluator's; cases lie in the organizer's project."""
    return store_of(platform.challenge, platform.project, platform.state)


def store_of(challenge: Challenge, project: Path, state: StateFolder) -> EvaluatorStore:
    """Return a state folder as an evaluator's disk, with the cases of a project."""
    cases: dict[tuple[str, Split], Path] = {}
    for task in challenge.tasks:
        cases[task.id, "public"] = project / task.cases.public
        if task.cases.private is not None:
            cases[task.id, "private"] = project / task.cases.private
    return EvaluatorStore(state.inputs, state.runs, state.predictions, cases=cases)
