"""The evaluator inside of the platform: its desk is the ledger, its disk the state folder."""

from collections.abc import Collection
from pathlib import Path

from blueprint.config.model import Challenge, Split
from blueprint.data.fact_cache import open_cache
from blueprint.data.file_digests import FileDigests
from blueprint.desk.ticket import WORK, Work
from blueprint.evaluate.engine import Engine
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
