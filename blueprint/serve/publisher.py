"""Keeps the published site what the database says, in a child process that has the numbers."""

import logging
import sys
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from blueprint.adapters.process import PIPE, Child, start_tied
from blueprint.clock import monotonic_s
from blueprint.database.schema import audit, submissions
from blueprint.ledger.moves import mark_published
from blueprint.ledger.states import JUDGED
from blueprint.people.team_standings import shown_teams
from blueprint.platform import Platform
from blueprint.publish.visibility import moments, shown_phases

_TIMEOUT_S = 600.0
_KEEP_WARM_S = 30.0
_AFTER_FAILURE_S = 5.0
_STDERR_FD = 2
_DECISIONS = (
    "correction.published", "evaluation.frozen", "leaderboard.published", "team.renamed",
    "team.standing",
)  # fmt: skip
"""What the audit log calls that which changes boards without a new score."""
_log = logging.getLogger(__name__)


class Publisher:
    """Builds the site; used by one thread at a time.

    While submissions are under way a process is kept ready that has loaded everything and waits
    for a word: it would else take longer to load than to build.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._built_at: datetime | None = None
        self._known = 0
        """The last row of the audit log when the site was built."""
        self._not_before_s = 0.0
        self._ready: Child | None = None
        self._ready_until_s = 0.0

    def look(self) -> None:
        """Publish when that is due; else get ready, or rest."""
        now = self._platform.clock()
        if self._is_due(now):
            if monotonic_s() >= self._not_before_s:
                self.publish(now)
        elif self._find(submissions.c.state.not_in(JUDGED)):
            self._get_ready()
        elif self._ready is not None and monotonic_s() > self._ready_until_s:
            self.close()

    def publish(self, now: datetime) -> bool:
        """Build the site and mark as published what it took in; False when it failed.

        Submissions that were scored before the build began are in it: it reads the database in
        one snapshot. Those of hidden phases stay `scored`.
        """
        ids, known = self._scored(), self._last_row()
        code = self._build()
        if code != 0:
            _log.error("the site could not be built (exit code %s); it is tried again", code)
            self._not_before_s = monotonic_s() + _AFTER_FAILURE_S
            return False
        self._built_at, self._known = now, known
        moved = mark_published(self._platform.database, ids, self._platform.clock())
        if moved:
            _log.info("published: submissions %s", ", ".join(map(str, moved)))
        return True

    def close(self) -> None:
        """End the process that is kept ready."""
        if self._ready is not None:
            ready, self._ready = self._ready, None
            ready.__exit__(None, None, None)

    def _is_due(self, now: datetime) -> bool:
        """Tell whether the site is out of date.

        Scores came, something opened or closed, or an organizer decided something: the command
        that wrote it down makes the site itself, unless it is cut off before.
        """
        if self._built_at is None:
            return True
        phases = self._platform.challenge.phases
        edges = [edge for phase in phases for edge in (phase.opens, phase.closes)]
        edges += moments(self._platform.challenge)
        # A phase lasts until the second it closes at has passed.
        built_s, now_s = (moment.replace(microsecond=0) for moment in (self._built_at, now))
        if any(built_s <= edge < now_s for edge in edges) or self._scored():
            return True
        return self._last_row(audit.c.action.in_(_DECISIONS)) > self._known

    def _build(self) -> int | None:
        self._get_ready()
        child = self._ready
        try:
            if child is None or child.stdin is None:
                return None
            child.stdin.write(b"build\n")
            child.stdin.close()
            return child.wait(_TIMEOUT_S)
        except OSError as error:
            _log.warning("the process that builds the site had ended: %s", error)
            return None
        finally:
            self.close()

    def _get_ready(self) -> None:
        self._ready_until_s = monotonic_s() + _KEEP_WARM_S
        if self._ready is not None and self._ready.poll() is not None:
            self.close()
        if self._ready is None:
            argv = [sys.executable, "-P", "-m", "blueprint.publish.job", "--wait"]
            argv += ["--state", str(self._platform.state.root)]
            self._ready = start_tied(argv, stdin=PIPE, stderr=_STDERR_FD)

    def _scored(self) -> list[int]:
        challenge, now = self._platform.challenge, self._platform.clock()
        with self._platform.database.read() as connection:
            shown = shown_phases(connection, challenge, now)
        return self._find(
            (submissions.c.state == "scored")
            & submissions.c.phase.in_(shown)
            & submissions.c.team_id.in_(shown_teams())
        )

    def _last_row(self, *conditions: ColumnElement[bool]) -> int:
        """Return the number of the last row of the audit log, or of the last one known."""
        last = select(func.max(audit.c.sequence)).where(audit.c.sequence > self._known, *conditions)
        with self._platform.database.read() as connection:
            return connection.execute(last).scalar() or self._known

    def _find(self, condition: ColumnElement[bool]) -> list[int]:
        with self._platform.database.read() as connection:
            return list(connection.execute(select(submissions.c.id).where(condition)).scalars())
