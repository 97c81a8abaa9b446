"""What a board says in words: how ranks are made, and what the data can and cannot tell."""

from collections.abc import Sequence

from blueprint.config.model import Board as BoardRules
from blueprint.config.model import RankStep
from blueprint.people.standing_words import STANDING_WORDS
from blueprint.people.teams import TeamStanding
from blueprint.publish.board import Board
from blueprint.publish.moments import utc
from blueprint.publish.names import visible
from blueprint.rank.presets import steps_of
from blueprint.rank.rank_sets import LEAST_UNITS

FEW_CASES = 20
"""Below this many cases the page says how few there are."""
_DASH = "\N{EN DASH}"
_SHOWN = {
    "best": "Each team is ranked by its best submission: the one that comes first when only the "
    "team's own submissions are ranked by these same steps; of equals, the earliest.",
    "latest": "Each team is ranked by its latest scored submission.",
    "all": "Every scored submission is listed. Each team is ranked once, by its best submission: "
    "the one that comes first among the team's own; of equals, the earliest.",
}


def rank_text(rank: float | None) -> str:
    """Return a rank as people write it: `3`, `2.5` for a shared one, a dash for none."""
    return _DASH if rank is None else f"{rank:g}"


def set_text(rank_set: tuple[int, int] | None) -> str:
    """Return a rank set as people write it: `2` alone, or both bounds with a dash between."""
    if rank_set is None:
        return _DASH
    low, high = rank_set
    return str(low) if low == high else f"{low}{_DASH}{high}"


def list_text(names: Sequence[str], *, at_most: int = 6) -> str:
    """Return names as a sentence lists them, the last of many as a number."""
    if len(names) > at_most:
        names = [*names[: at_most - 1], f"{len(names) - at_most + 1} more"]
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def phase_title(phase_id: str) -> str:
    """Return the heading of a phase: its id in words, `Final phase`."""
    words = phase_id.replace("-", " ").capitalize()
    return words if {"phase", "round"} & set(words.lower().split()) else f"{words} phase"


def scheme_words(ranking: str | tuple[RankStep, ...]) -> list[str]:
    """Return one sentence a step of a ranking scheme."""
    sentences = []
    values = "scores"
    for step in steps_of(ranking):
        sentences.append(_step_words(step, values))
        values = "ranks" if step.op == "rank" else values
    return sentences


def ignored_words(ignored: Sequence[int]) -> str | None:
    """Return which voxels no metric looks at, or None when all count."""
    if not ignored:
        return None
    values = " or ".join(str(value) for value in sorted(ignored))
    return (
        f"Voxels whose value in the reference is {values} are left out of every metric: whatever "
        "a submission says there neither helps nor harms it."
    )


def shown_words(rules: BoardRules) -> str:
    """Return which submission stands for a team."""
    return _SHOWN[rules.show]


def state_words(board: Board) -> str | None:
    """Return why a board has no ranks to show, or None when it has."""
    if not board.visible:
        opens = board.visibility.opens
        until = utc(opens) if opens else "the organizers publish them"
        return f"The results of this phase are kept back until {until}."
    if board.standings or board.beside:
        return None
    if board.set_aside:
        return "Every result so far was scored on other cases and waits to be scored again."
    return {
        "upcoming": "This phase has not opened yet: there are no results.",
        "open": "No submission has been scored yet.",
        "closed": "This phase is closed. No submission was scored in it.",
    }[board.status]


def beside_words(standing: TeamStanding) -> str:
    """Return how a team that is shown without rank is marked; empty for one that competes."""
    return STANDING_WORDS[standing].mark


def published_words(board: Board) -> str | None:
    """Return when the organizers published a board that was kept back; None where they need not."""
    publication = board.visibility.publication
    if publication is None:
        return None
    return f"The organizers published these results on {utc(publication.published_at)}."


def evidence_words(board: Board) -> list[str]:
    """Return what the data can tell about the order of the teams, one sentence each."""
    if not board.standings:
        return []
    sentences = [_separation(board)]
    if board.cases < LEAST_UNITS:
        sentences.append(
            f"With fewer than {LEAST_UNITS} cases even a clean sweep could be chance, so there "
            "are no rank sets: only the scores and their spread are shown."
        )
    elif board.cases < FEW_CASES:
        sentences.append(
            f"There are only {board.cases} cases. With fewer than {FEW_CASES}, a single unusual "
            "case can move the ranks: read them as a first impression."
        )
    if board.set_aside:
        ids = list_text([f"{submission}" for submission in board.set_aside])
        sentences.append(
            f"Not ranked, because scored on other cases than the latest: submission {ids}."
        )
    return sentences


def _separation(board: Board) -> str:
    teams = len(board.standings)
    if teams == 1:
        return "One team has a result so far: there is no other to compare it with."
    if board.separated_pairs is None:
        return f"{board.cases} cases cannot tell these {teams} teams apart."
    if board.separated_pairs == 0:
        return (
            f"These data cannot separate any two teams: every order of the {teams} teams is "
            f"compatible with the {board.cases} cases at 95 % confidence."
        )
    if board.separated_pairs == board.pairs:
        return f"The data separate all {teams} teams: at 95 % confidence this is their order."
    first = [
        visible(row.team_name) for row in board.standings if row.rank_set and row.rank_set[0] == 1
    ]
    leaders = f"first place is open between {list_text(first)}"
    if len(first) == 1:
        leaders = f"first place is certain for {first[0]}"
    return (
        f"The data separate {board.separated_pairs} of the {board.pairs} pairs of teams at 95 % "
        f"confidence; {leaders}."
    )


def _step_words(step: RankStep, values: str) -> str:
    if step.op == "mean":
        return f"The {values} are averaged over {_axes(step.over, 'cases', 'metrics')}."
    within = f"Within each {_axes(step.within, 'case', 'metric')}, the" if step.within else "The"
    ties = "the best" if step.ties == "min" else "the mean"
    return f"{within} teams are ranked, 1 is best; equal teams share {ties} of their ranks."


def _axes(axes: Sequence[str], case: str, metric: str) -> str:
    words = {"case": case, "metric": metric}
    return " and ".join(words[axis] for axis in axes)
