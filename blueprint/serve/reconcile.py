"""Settles at a start what the last run left in the middle: a restart is a reconciliation."""

import logging
from collections.abc import Sequence

from blueprint.evaluate.leftovers import take_stock
from blueprint.evaluate.runner import Worker
from blueprint.evaluate.workshop import Workshop
from blueprint.intake.repositories import embedded_repositories
from blueprint.ledger.rework_lost import give_back_workers
from blueprint.ledger.sweeper import SweepReport, release_all
from blueprint.people.teams import list_teams
from blueprint.platform import Platform

WORKER_PREFIX = "embedded-"
"""All workers of this platform; the lock makes sure that none but ours run."""
_log = logging.getLogger(__name__)


def reconcile(platform: Platform, workshop: Workshop, workers: Sequence[Worker]) -> SweepReport:
    """Put back into the queue what no worker holds any more, and remove what killed ones left.

    The engine is asked what still runs: its worker goes on with that (see `take_stock`). Runs of
    the process sandbox died with the platform, so they all begin anew.
    """
    adopted = take_stock(workshop, [worker.name for worker in workers])
    for worker in workers:
        worker.adopted = adopted.get(worker.name)
    going_on = frozenset(ticket.submission_id for ticket in adopted.values())
    report = release_all(platform.database, WORKER_PREFIX, platform.clock(), except_for=going_on)
    give_back_workers(platform.database, WORKER_PREFIX)
    repositories = embedded_repositories(platform)
    for team in list_teams(platform.database):
        # With the hooks of this version, and without what a killed push left.
        repositories.mend(team.slug)
    if not report.is_quiet:
        _log.info("after the last run: begin again %s", report.retried)
    return report
