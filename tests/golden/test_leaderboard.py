"""The leaderboard of four made-up teams, byte for byte, in all its forms.

To accept a change: `DIYCHALLENGE_WRITE_GOLDEN=1 pytest tests/golden`, then read the diff.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blueprint import __version__
from blueprint.config.model import Challenge
from blueprint.config.schedule import Status
from blueprint.metrics.measures import MEAN, Column
from blueprint.publish.board import Scored
from blueprint.publish.site import render_site
from blueprint.publish.standings import make_boards
from blueprint.publish.visibility import visibility_of
from tests.local_addresses import LOCAL

GOLDEN = Path(__file__).parent / "leaderboard"
START = datetime(2027, 6, 10, 8, 0, tzinfo=UTC)
CHALLENGE = Challenge.model_validate(
    {
        "version": 1,
        "challenge": {
            "id": "brain-tissue",
            "title": "Brain tissue segmentation",
            "contact": "challenge@example.org",
            "timezone": "Europe/Berlin",
            "organizers": [{"name": "Imaging Group", "institution": "Example Hospital"}],
            "notice": "This is a demonstration set.",
        },
        "tasks": [
            {
                "id": "tissue",
                "title": "Grey and white matter",
                "problem": "semantic-segmentation",
                "inputs": {"t1": "image"},
                "outputs": {"mask": "segmentation"},
                "labels": {1: "grey matter", 2: "white matter"},
                "cases": {"public": "public", "private": "private"},
                "metrics": [{"id": "dice", "labels": "separate"}, {"id": "hd95"}],
            }
        ],
        "phases": [
            {"id": "preliminary", "tasks": ["tissue"], "opens": "2027-06-01",
             "closes": "2027-08-31", "board": {"show": "all"}},
            {"id": "final", "tasks": ["tissue"], "cases": "private", "opens": "2027-09-01",
             "closes": "2027-09-15", "board": {"visible": "hidden"}},
        ],
    }
)  # fmt: skip
SHOWN = {phase.id: visibility_of(phase, None, START) for phase in CHALLENGE.phases}
TEAMS = [("alpha", "Alpha", 0.90), ("beta", "=Beta & <Söhne>", 0.89), ("gamma", "Γάμμα", 0.70)]


def rows() -> list[Scored]:
    made = [_row(number, *team) for number, team in enumerate(TEAMS, start=1)]
    worse = _row(4, "alpha", "Alpha", 0.80)
    return [*made, worse, _row(5, "delta", "Delta", 0.60, missing=("case-07", "case-08"))]


def _row(
    number: int, team: str, name: str, level: float, *, missing: tuple[str, ...] = ()
) -> Scored:
    cases = [f"case-{case:02d}" for case in range(1, 9)]
    wobble = {case: ((5 * number + 3 * place) % 7) / 100 for place, case in enumerate(cases)}
    dice = {case: 0.0 if case in missing else level + wobble[case] for case in cases}
    hd95 = {case: 76.2 if case in missing else 20 * (1 - dice[case]) for case in cases}
    return Scored(
        submission=number,
        phase="preliminary",
        team=team,
        team_name=name,
        kind="code" if number % 2 else "predictions",
        received_at=START + timedelta(hours=number),
        recorded_at=START + timedelta(hours=number, minutes=2),
        values={
            Column("dice", "1"): dice,
            Column("dice", "2"): {case: value * 0.98 for case, value in dice.items()},
            Column("hd95", MEAN): hd95,
        },
        missing=frozenset(missing),
    )


@pytest.mark.parametrize(
    "name", ["leaderboard.html", "leaderboard.json", "leaderboard.csv", "index.html", "404.html"]
)
def test_the_site_is_the_golden_one(name):
    statuses: dict[str, Status] = {"preliminary": "open", "final": "upcoming"}
    boards = make_boards(CHALLENGE, rows(), statuses, shown=SHOWN)
    files = render_site(
        CHALLENGE,
        boards,
        statuses,
        pages=(),
        addresses=LOCAL,
    )
    made = files[name].decode().replace(f"diychallenge {__version__}", "diychallenge VERSION")
    golden = GOLDEN / name
    if os.environ.get("DIYCHALLENGE_WRITE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")

    assert made == golden.read_text(encoding="utf-8")
