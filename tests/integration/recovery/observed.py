"""What became of a submission, and that nothing was lost and nothing happened twice."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import func, select, text

from blueprint import audit
from blueprint.config.schedule import phase_status
from blueprint.database.schema import audit as audit_rows
from blueprint.database.stored import open_unchecked
from blueprint.intake.quota import Usage, usage_of
from blueprint.ledger import history
from blueprint.ledger.submissions import list_submissions
from blueprint.platform import Platform
from blueprint.publish.exports import render_json
from blueprint.publish.site import read_boards
from tests.integration.recovery.commands import Commands
from tests.integration.recovery.processes import descendants, wait_until
from tests.integration.recovery.team import Team

PHASE = "preliminary"
CASES = 2
SCORES = CASES * 2
"""Dice and HD95 of each case."""


class Observed(Commands):
    """A platform that is asked what became of submissions."""

    def state_of(self, number: int) -> str | None:
        found = self.ask_database("SELECT state FROM submissions WHERE id = ?", number)
        return None if found is None else str(found)

    def ask_database(self, statement: str, *values: object) -> Any:
        """Return the first value that the database gives."""
        names = [f"value_{place}" for place in range(len(values))]
        for name in names:
            statement = statement.replace("?", f":{name}", 1)
        with (
            closing(open_unchecked(self.state)) as database,
            database.read() as connection,
        ):
            given = dict(zip(names, values, strict=True))
            return connection.execute(text(statement), given).scalar()

    def wait_state(self, number: int, *states: str) -> None:
        wait_until(
            lambda: self.state_of(number) in states,
            f"submission {number} comes to {states}",
        )

    def wait_attempts(self, number: int, *, begun: int = 0, ended: int = 0) -> None:
        """Return when so many attempts were begun, or have ended."""
        counted = "SELECT count(*) FROM attempts WHERE submission_id = ?"
        wait_until(
            lambda: (
                self.ask_database(counted, number) >= begun
                and self.ask_database(f"{counted} AND ended_at IS NOT NULL", number) >= ended
            ),
            f"submission {number} comes to {begun} attempts, {ended} of them ended",
        )

    def wait_program(self) -> None:
        """Return when a submission's program runs in the sandbox."""
        wait_until(
            lambda: any("predict.py" in one.argv for one in descendants(self.pid)),
            "the program runs",
        )

    def usage(self, team: Team) -> Usage:
        """Return what a team has used of its quota."""
        with self.platform() as platform, platform.database.read() as connection:
            challenge = platform.challenge
            return usage_of(
                connection, challenge.challenge.id, challenge.phase(PHASE), team.id,
                platform.clock(),
            )  # fmt: skip

    def demand_published_once(self, team: Team, number: int, attempts: Sequence[str]) -> None:
        """Wait for the end, and see that nothing was lost and nothing happened twice."""
        self.wait_state(number, "published", "failed", "cancelled")
        with self.platform() as platform:
            database = platform.database
            states = [event.to_state for event in history.events_of(database, number)]
            tries = [attempt.outcome for attempt in history.attempts_of(database, number)]
            result = history.result_of(database, number)
            assert states[-2:] == ["scored", "published"]
            assert (states.count("scored"), states.count("published")) == (1, 1)
            assert tries == list(attempts)
            assert result is not None
            assert result.attempt == len(attempts)
            assert len(history.scores_of(database, number)) == SCORES
            mine = list_submissions(database, team=team.slug)
            assert [one.id for one in mine] == [number]
            self._demand_board(platform, number)
            self._demand_scored_once(platform, number)
        self.demand_audit_whole()
        usage = self.usage(team)
        assert (usage.total, len(usage.today), usage.running) == (1, 1, ())
        wait_until(lambda: not list(self.state.runs.iterdir()), "the working folders are removed")

    @staticmethod
    def _demand_board(platform: Platform, number: int) -> None:
        now, challenge = platform.clock(), platform.challenge
        statuses = {phase.id: phase_status(phase, now) for phase in challenge.phases}
        boards = read_boards(platform, statuses, now)
        published = (platform.state.site / "leaderboard.json").read_text()
        assert published == render_json(challenge, boards)
        assert [one.submission for one in boards[0].standings].count(number) == 1

    @staticmethod
    def _demand_scored_once(platform: Platform, number: int) -> None:
        scored = select(func.count()).where(
            audit_rows.c.action == "submission.scored", audit_rows.c.subject == str(number)
        )
        with platform.database.read() as connection:
            assert connection.execute(scored).scalar_one() == 1

    def demand_audit_whole(self) -> None:
        """See that the chain of the audit log holds."""
        with self.platform() as platform:
            found = audit.verify(platform.database)
        assert (found.broken_at, found.problem) == (None, "")
