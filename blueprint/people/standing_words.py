"""Every standing of a team in words: the one table for boards, pages and commands."""

from collections.abc import Mapping
from dataclasses import dataclass

from blueprint.people.teams import TeamStanding


@dataclass(frozen=True)
class StandingWords:
    """How one standing reads."""

    follows: str
    """What it means for the team, after `team x is baseline:`."""
    mark: str = ""
    """On the board, beside the team's name; empty for a team that competes or is not shown."""
    what: str = ""
    """What a team beside the ranks is: `your team is a baseline`."""


_NOT_SHOWN = "it is not shown, its submissions are kept, and its pushes are refused"

STANDING_WORDS: Mapping[TeamStanding, StandingWords] = {
    "competing": StandingWords("it is ranked"),
    "baseline": StandingWords(
        "it is shown without rank, as a baseline", "baseline, not ranked", "a baseline"
    ),
    "organizer": StandingWords(
        "it is shown without rank, as the organizers' own",
        "organizers' own, not ranked",
        "the organizers' own",
    ),
    "withdrawn": StandingWords(_NOT_SHOWN),
    "disqualified": StandingWords(_NOT_SHOWN),
}
