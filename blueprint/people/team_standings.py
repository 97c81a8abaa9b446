"""What a team is to the competition: ranked, beside the ranks, or not shown; changed by organizers.

Every change has a reason, a date and a row of the audit log. Nothing is deleted: whatever a
team's standing is, its submissions are kept, and a standing can be changed back.
"""

import unicodedata
from datetime import datetime

from sqlalchemy import Connection, Select, select, update

from blueprint import audit
from blueprint.database.schema import teams
from blueprint.errors import ConflictError, InputError, NotFoundError
from blueprint.people import names
from blueprint.people.standing_words import STANDING_WORDS
from blueprint.people.teams import (
    Team,
    TeamStanding,
    is_name_taken,
    team_by_id,
    team_by_slug,
)
from blueprint.platform import Platform

STANDINGS: tuple[TeamStanding, ...] = (
    "competing", "baseline", "organizer", "withdrawn", "disqualified",
)  # fmt: skip
BESIDE: tuple[TeamStanding, ...] = ("baseline", "organizer")
"""Shown on the board without a rank; nobody's rank depends on them."""
HIDDEN: tuple[TeamStanding, ...] = ("withdrawn", "disqualified")
"""Not on the board, and not taking part: pushes are refused with the reason."""
_MAX_REASON = 500


def what_follows(standing: TeamStanding) -> str:
    """Return what a standing means for a team, in words."""
    return STANDING_WORDS[standing].follows


def shown_teams() -> Select[tuple[int]]:
    """Return a select of the ids of teams that boards show."""
    return select(teams.c.id).where(teams.c.standing.not_in(HIDDEN))


def refusal_of(connection: Connection, team_id: int | None) -> str:
    """Return why a team may not push now, in a sentence; empty when it may."""
    team = team_by_id(connection, team_id) if team_id is not None else None
    if team is None or team.standing not in HIDDEN or team.standing_since is None:
        return ""
    return (
        f"the team {team.name} was {team.standing} on {team.standing_since:%Y-%m-%d}:"
        f" {team.standing_reason}"
    )


def demand_team(connection: Connection, slug: str) -> Team:
    """Return the team of that slug inside a transaction.

    Raises:
        NotFoundError: There is none.
    """
    team = team_by_slug(connection, slug.strip().lower())
    if team is None:
        raise NotFoundError(
            f"there is no team {slug!r}", hint="`diychallenge teams list` shows all of them"
        )
    return team


def known_standing(text: str) -> TeamStanding:
    """Return the standing of that name.

    Raises:
        InputError: There is none.
    """
    for standing in STANDINGS:
        if text == standing:
            return standing
    raise InputError(f"{text!r} is no standing", hint=f"one of {', '.join(STANDINGS)}")


def set_standing(
    platform: Platform, slug: str, standing: str, reason: str, *, by: str, now: datetime
) -> Team:
    """Change what a team is to the competition; the same standing and reason change nothing.

    Raises:
        NotFoundError: There is no such team.
        InputError: There is no such standing, or no reason is given.
    """
    wanted, reason = known_standing(standing), reason.strip()
    fault = names.line_fault(reason, max_length=_MAX_REASON)
    if fault:
        raise InputError(
            f"the reason {fault}", hint='say why, for the record: --reason "asked to leave"'
        )
    with platform.database.write("people") as connection:
        team = demand_team(connection, slug)
        if (team.standing, team.standing_reason) == (wanted, reason):
            return team
        values = {
            "standing": wanted,
            "standing_reason": reason,
            "standing_since": now,
            "standing_by": by,
        }
        connection.execute(update(teams).where(teams.c.id == team.id).values(values))
        detail = {"from": team.standing, "to": wanted, "reason": reason}
        audit.append(connection, now, by, "team.standing", team.slug, detail)
        return team_by_id(connection, team.id)


def rename_team(platform: Platform, slug: str, name: str, *, by: str, now: datetime) -> Team:
    """Give a team another name; its slug, and with it its repository's address, stays.

    Raises:
        NotFoundError: There is no such team.
        InputError: The name cannot be one.
        ConflictError: Another team has that name, or one that reads the same.
    """
    name = name.strip()
    if fault := names.team_name_fault(name):
        raise InputError(f"the name {fault}")
    name = unicodedata.normalize("NFC", name)
    with platform.database.write("people") as connection:
        team = demand_team(connection, slug)
        if is_name_taken(connection, names.team_slug(name), but=team.id):
            raise ConflictError(f"another team is called {name!r}, or reads the same")
        if name != team.name:
            connection.execute(update(teams).where(teams.c.id == team.id).values(name=name))
            detail = {"from": team.name, "to": name}
            audit.append(connection, now, by, "team.renamed", team.slug, detail)
        return team_by_id(connection, team.id)
