"""Says where a submission stands on the board that is published now."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from blueprint.ledger.history import result_of
from blueprint.ledger.submissions import Submission
from blueprint.people.standing_words import STANDING_WORDS
from blueprint.people.team_standings import BESIDE, HIDDEN
from blueprint.people.teams import Team, team_by_id
from blueprint.platform import Platform
from blueprint.publish.moments import utc
from blueprint.publish.visibility import read_visibilities

Row = Mapping[str, Any]
_HAS_RESULT = ("scored", "published")


def place_of(platform: Platform, submission: Submission, now: datetime) -> str:
    """Return where a submission stands, in a sentence; empty where it has no result.

    What is said is what anybody reads on the board: the file that was published, not the database.
    """
    if submission.state not in _HAS_RESULT:
        return ""
    shown = read_visibilities(platform, now).get(submission.phase)
    if shown is None or not shown.is_shown:
        opens = None if shown is None else shown.opens
        until = utc(opens) if opens else "the organizers publish them"
        return f"The results of this phase are kept back until {until}."
    with platform.database.read() as connection:
        team = team_by_id(connection, submission.team_id)
    return _out_words(team) or _on_board(platform, submission, team)


def _out_words(team: Team) -> str:
    """Return why no submission of a team is on the board; empty when they may be."""
    if team.standing not in HIDDEN or team.standing_since is None:
        return ""
    return (
        f"Your team was {team.standing} on {utc(team.standing_since)}: {team.standing_reason}."
        " Its submissions are kept, and not on the board."
    )


def _on_board(platform: Platform, submission: Submission, group: Team) -> str:
    rows = _rows(platform, submission.phase)
    own = next((row for row in rows if row["submission"] == submission.id), None)
    if own is not None and group.standing in BESIDE:
        what = STANDING_WORDS[group.standing].what
        return f"It stands on the board without rank: your team is {what}."
    ranked = [row for row in rows if row["rank"] is not None]
    if own is not None and own["rank"] is not None:
        return f"It stands on the board for your team: {_rank(own, ranked)}."
    team = next((row for row in ranked if row["team"] == submission.team_slug), None)
    if team is not None:
        return (
            f"Your team stands on the board with submission {team['submission']}:"
            f" {_rank(team, ranked)}."
        )
    if result_of(platform.database, submission.id) is None:
        return (
            "It is not on the board: the organizers corrected the data or the settings, and it has"
            " no result under those that count now."
        )
    return "It joins the board when the site is made next."


def _rank(row: Row, ranked: Sequence[Row]) -> str:
    teams = "1 team" if len(ranked) == 1 else f"{len(ranked)} teams"
    sets = " (95 % rank set {} to {})".format(*row["rank_set"]) if row["rank_set"] else ""
    return f"rank {row['rank']:g} of {teams}{sets}"


def _rows(platform: Platform, phase: str) -> Sequence[Row]:
    """Return the rows of a phase's board as published; none where there is no board yet."""
    try:
        text = (platform.state.site / "leaderboard.json").read_text(encoding="utf-8")
        boards = json.loads(text)["boards"]
        return next((board["rows"] for board in boards if board["phase"] == phase), [])
    except (OSError, ValueError, KeyError):
        return []
