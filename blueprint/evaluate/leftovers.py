"""After a restart: asks the engine what still runs, and adopts it, or takes it away."""

import logging
from collections.abc import Collection
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from blueprint.desk.port import DeskUnreachableError
from blueprint.desk.ticket import Ticket
from blueprint.evaluate.removal import remove_tree
from blueprint.evaluate.workshop import Workshop
from blueprint.ledger.states import STATES, State

_TICKET, _REACHED = "ticket.json", "reached"
_RUNNING: tuple[State, ...] = ("canary", "predicting")
"""The states in which a program runs: only there is something to adopt."""
_TICKETS: TypeAdapter[Ticket] = TypeAdapter(Ticket)
_log = logging.getLogger(__name__)


def note_ticket(folder: Path, ticket: Ticket) -> None:
    """Note in an attempt's folder what it is about."""
    (folder / _TICKET).write_bytes(_TICKETS.dump_json(ticket))


def note_state(folder: Path, state: State) -> None:
    """Note in an attempt's folder how far it came, after the desk was told."""
    fresh = folder / f"{_REACHED}.fresh"
    fresh.write_text(state, encoding="ascii")
    fresh.replace(folder / _REACHED)


def state_reached(folder: Path) -> State:
    """Return how far an attempt came."""
    try:
        said = (folder / _REACHED).read_text(encoding="ascii")
    except FileNotFoundError:
        return "received"
    return next((state for state in STATES if state == said), "received")


def take_stock(workshop: Workshop, workers: Collection[str]) -> dict[str, Ticket]:
    """Return by worker the work that its engine still does and the desk still leaves to it.

    What else was under way when the evaluator died is taken from the engine and from the disk,
    and begins anew as another attempt. An engine whose runs die with it has nothing to adopt.

    Args:
        workshop: The desk, the disk and the engine, before any worker works.
        workers: The names of the workers that are about to begin.
    """
    adopted: dict[str, Ticket] = {}
    for folder in _attempts(workshop.store.runs):
        ticket = _ticket_in(folder)
        handles = [] if ticket is None else workshop.engine.find(ticket.hold.nonce)
        if ticket is not None and handles and _is_wanted(workshop, ticket, folder, workers):
            adopted[ticket.hold.worker] = ticket
            _log.info("submission %d still runs: it is adopted", ticket.submission_id)
            continue
        for handle in handles:
            workshop.engine.remove(handle)
        remove_tree(folder)
    _remove_empty(workshop.store.runs)
    return adopted


def _is_wanted(workshop: Workshop, ticket: Ticket, folder: Path, workers: Collection[str]) -> bool:
    if ticket.hold.worker not in workers or state_reached(folder) not in _RUNNING:
        return False
    try:
        return workshop.desk.keep(ticket.hold) == "renewed"
    except DeskUnreachableError:
        return True  # the watch goes on asking, and gives up when the lease has run out


def _attempts(runs: Path) -> list[Path]:
    return sorted(runs.glob("*/*")) if runs.is_dir() else []


def _ticket_in(folder: Path) -> Ticket | None:
    try:
        return _TICKETS.validate_json((folder / _TICKET).read_bytes())
    except (OSError, ValidationError):
        return None


def _remove_empty(runs: Path) -> None:
    for folder in list(runs.iterdir()) if runs.is_dir() else []:
        if not folder.is_dir():
            folder.unlink()
        elif not any(folder.iterdir()):
            folder.rmdir()
