"""Settles at a start what the last run left in the middle: a restart is a reconciliation."""

import logging
from pathlib import Path

from blueprint.evaluate.removal import remove_tree
from blueprint.intake.repositories import embedded_repositories
from blueprint.ledger.rework import give_back_workers
from blueprint.ledger.sweeper import SweepReport, release_all
from blueprint.people.teams import list_teams
from blueprint.platform import Platform

WORKER_PREFIX = "embedded-"
"""All workers of this platform; the lock makes sure that none but ours run."""
_log = logging.getLogger(__name__)


def reconcile(platform: Platform) -> SweepReport:
    """Put back into the queue what no worker holds any more, and remove what killed ones left.

    Children of a killed platform died with it, so nothing runs that we do not know of.
    """
    report = release_all(platform.database, WORKER_PREFIX, platform.clock())
    give_back_workers(platform.database, WORKER_PREFIX)
    for folder in _entries(platform):
        remove_tree(folder)
    repositories = embedded_repositories(platform)
    for team in list_teams(platform.database):
        # With the hooks of this version, and without what a killed push left.
        repositories.mend(team.slug)
    if not report.is_quiet:
        _log.info("after the last run: begin again %s", report.retried)
    return report


def _entries(platform: Platform) -> list[Path]:
    runs = platform.state.runs
    return list(runs.iterdir()) if runs.is_dir() else []
