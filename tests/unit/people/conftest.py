"""A platform with accounts, and people in it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from blueprint.config.model import Challenge
from blueprint.database.opening import open_database
from blueprint.people.person import Person
from blueprint.people.registration import Registration
from blueprint.platform import Platform
from blueprint.state import StateFolder
from tests.local_addresses import LOCAL
from tests.people import register

PASSWORD = "correct horse battery"


def _challenge(**people: object) -> Challenge:
    return Challenge.model_validate({
        "version": 1,
        "challenge": {
            "id": "tissue", "title": "Tissue", "contact": "us@example.org", "pages": "pages",
        },
        "people": {
            "questions": [
                {"id": "affiliation", "label": "Affiliation", "required": True},
                {"id": "orcid", "label": "ORCID"},
            ],
            "agreements": [{"id": "data-use", "version": 1, "page": "agreement.md"}],
            "teams": {"max_members": 2},
            **people,
        },
        "tasks": [{
            "id": "tissue", "title": "Tissue", "problem": "semantic-segmentation",
            "inputs": {"t1": "image"}, "outputs": {"mask": "segmentation"},
            "labels": {1: "grey"}, "cases": {"public": "data/public"}, "metrics": [{"id": "dice"}],
        }],
        "phases": [{
            "id": "one", "tasks": ["tissue"], "opens": "2027-06-01", "closes": "2027-06-30",
        }],
    })  # fmt: skip


@pytest.fixture
def make_platform(
    tmp_path: Path, noon: datetime, where: Path | str
) -> Iterator[Callable[..., Platform]]:
    """Make platforms over one state folder; keywords replace keys of `people:`."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "agreement.md").write_text("# Terms\n", encoding="utf-8")
    state = StateFolder(tmp_path / "state")
    state.root.mkdir()
    database = open_database(where)
    yield lambda **people: Platform(
        _challenge(**people), tmp_path, state, database, lambda: noon, LOCAL
    )
    database.close()


@pytest.fixture
def platform(make_platform: Callable[..., Platform]) -> Platform:
    """A platform with one agreement, two questions and teams of at most two."""
    return make_platform()


@pytest.fixture
def form() -> Registration:
    """A form without fault: ada, who founds the team Alpha."""
    return Registration(
        username="ada",
        email="Ada@Example.org",
        name="Ada Example",
        password=PASSWORD,
        team_name="Alpha",
        answers={"affiliation": "Example University"},
    )


@pytest.fixture
def enrol(platform: Platform, form: Registration, noon: datetime) -> Callable[..., Person]:
    """Register people, each with a team of their own unless they have a code."""

    def one(username: str = "ada", *, team_code: str = "") -> Person:
        filled = replace(
            form,
            username=username,
            email=f"{username}@example.org",
            team_name="" if team_code else f"team {username}",
            team_code=team_code,
        )
        return register(platform, filled, noon)

    return one
