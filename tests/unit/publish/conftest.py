"""A platform with a real database, and a short way to put scored submissions into it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from blueprint.config.model import Challenge
from blueprint.database.connection import open_sqlite
from blueprint.database.schema import evaluations, scores, submissions, teams
from blueprint.metrics.measures import MEAN, Column
from blueprint.platform import Platform
from blueprint.state import StateFolder
from tests.local_addresses import LOCAL
from tests.people import add_person

START = datetime(2027, 6, 10, 8, 0, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
    "version": 1,
    "challenge": {
        "id": "brain-tissue",
        "title": "Brain tissue segmentation",
        "contact": "challenge@example.org",
        "organizers": [{"name": "Imaging Group", "institution": "Example University Hospital"}],
        "notice": "This is a demonstration set.",
    },
    "data": {
        "releases": [
            {"id": "training", "title": "Training set", "path": "data/training",
             "opens": "2027-05-01", "license": "CC-BY-4.0"}
        ]
    },
    "tasks": [
        {
            "id": "tissue",
            "title": "Grey and white matter",
            "problem": "semantic-segmentation",
            "inputs": {"t1": "image"},
            "outputs": {"mask": "segmentation"},
            "labels": {1: "grey matter", 2: "white matter"},
            "cases": {"public": "data/test-public", "private": "data/test-private"},
            "metrics": [
                {"id": "dice"},
                {"id": "hd95", "definition": "max-directed", "unit": "mm", "worst": "diagonal"},
            ],
        }
    ],
    "phases": [
        {"id": "preliminary", "tasks": ["tissue"], "opens": "2027-06-01", "closes": "2027-08-31",
         "submission": ["code", "predictions"]},
        {"id": "final", "tasks": ["tissue"], "cases": "private", "after": "preliminary",
         "opens": "2027-09-01", "closes": "2027-09-15"},
    ],
}  # fmt: skip


class Stage:
    """A platform whose database a test fills, one scored submission a call."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.now = datetime(2027, 6, 15, 12, 0, tzinfo=UTC)
        self._teams: dict[str, int] = {}
        self._count = 0
        with platform.database.write() as connection:
            add_person(connection, id=1)

    def score(
        self,
        team: str,
        columns: Mapping[str | Column, Sequence[float]],
        *,
        name: str | None = None,
        phase: str = "preliminary",
        state: str = "published",
        kind: str = "code",
        missing: Sequence[int] = (),
        first_case: int = 1,
    ) -> int:
        """Store one scored submission; the n-th is received n minutes after START.

        A column that is only named by its metric is the mean over regions.
        """
        self._count += 1
        number, at = self._count, START + timedelta(minutes=self._count)
        with self.platform.database.write() as connection:
            if team not in self._teams:
                self._teams[team] = len(self._teams) + 1
                connection.execute(
                    teams.insert().values(
                        id=self._teams[team], slug=team, name=name or team, created_at=START
                    )
                )
            connection.execute(
                submissions.insert().values(
                    id=number, challenge="brain-tissue", phase=phase, task="tissue",
                    team_id=self._teams[team], person_id=1, commit_sha=f"{number:040x}",
                    tag=f"refs/tags/submission/{number}", kind=kind, manifest={}, nonce="",
                    state=state, state_since=at, received_at=at, receipt={},
                )
            )  # fmt: skip
            connection.execute(
                evaluations.insert().values(
                    id=number, submission_id=number, kind="judge", state="done",
                    kept=str(number), recorded_at=at + timedelta(seconds=30),
                    run_s=1.0, score_s=1.0, means=[],
                )
            )  # fmt: skip
            rows = [
                {"evaluation_id": number, "case_id": f"case-{first_case + index:02d}",
                 "metric": metric, "region": region, "value": value,
                 "flag": "missing" if index in missing else "ok"}
                for (metric, region), values in _named(columns).items()
                for index, value in enumerate(values)
            ]  # fmt: skip
            if rows:
                connection.execute(scores.insert(), rows)
        return number


def _named(columns: Mapping[str | Column, Sequence[float]]) -> dict[Column, Sequence[float]]:
    return {
        Column(one, MEAN) if isinstance(one, str) else one: values
        for one, values in columns.items()
    }


def challenge_with(**changes: Any) -> Challenge:
    """Return the usual challenge with sections of its task, first phase or text changed."""
    document = dict(DOCUMENT)
    document["challenge"] = DOCUMENT["challenge"] | changes.get("about", {})
    document["tasks"] = [DOCUMENT["tasks"][0] | changes.get("task", {})]
    document["people"] = changes.get("people", {})
    first, second = DOCUMENT["phases"]
    document["phases"] = [first | changes.get("phase", {}), second | changes.get("final", {})]
    return Challenge.model_validate(document)


@pytest.fixture
def make_stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Give a function that makes a platform of the usual challenge, with changes."""
    made: list[Platform] = []

    def make(**changes: Any) -> Stage:
        root = tmp_path / f"platform-{len(made)}"
        state = StateFolder(root / "state")
        state.keys.mkdir(parents=True)
        (state.keys / "receipts.pub").write_text("ed25519:AAAA\n")
        database = open_sqlite(state.database)
        database.ensure_schema()
        platform = Platform(challenge_with(**changes), root, state, database, lambda: START, LOCAL)
        made.append(platform)
        return Stage(platform)

    yield make
    for platform in made:
        platform.database.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """A platform of the usual challenge, with nothing in its database."""
    return make_stage()
