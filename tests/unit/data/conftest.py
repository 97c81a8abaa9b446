"""A platform with a release of two files, and somebody who may have it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from blueprint.config.model import Challenge
from blueprint.database.connection import open_sqlite
from blueprint.database.schema import teams
from blueprint.platform import Platform
from blueprint.state import StateFolder
from tests.local_addresses import LOCAL
from tests.people import add_person


def _challenge(release: dict[str, str]) -> Challenge:
    return Challenge.model_validate({
        "version": 1,
        "challenge": {"id": "tissue", "title": "Tissue", "contact": "us@example.org"},
        "data": {"releases": [
            {
                "id": "training", "title": "Training set", "path": "data/training",
                "opens": "2027-06-01", "license": "CC-BY-4.0", **release,
            },
            {
                "id": "later", "title": "Later set", "path": "data/later",
                "opens": "2027-06-20", "license": "CC-BY-4.0",
            },
        ]},
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
def folder(tmp_path: Path) -> Path:
    """The folder of the release `training`: a.txt, and b.bin in a folder."""
    folder = tmp_path / "data" / "training"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"hello")
    (folder / "sub" / "b.bin").write_bytes(bytes(1000))
    (tmp_path / "data" / "later").mkdir()
    (tmp_path / "data" / "later" / "secret.txt").write_bytes(b"not yet")
    return folder


@pytest.fixture
def make_platform(
    tmp_path: Path, folder: Path, noon: datetime
) -> Iterator[Callable[..., Platform]]:
    """Make platforms over one state folder; keywords replace keys of the release `training`."""
    state = StateFolder(tmp_path / "state")
    state.root.mkdir()
    database = open_sqlite(state.database)
    database.ensure_schema()
    person = {
        "id": 1, "username": "ada", "email": "ada@example.org", "name": "Ada",
        "password_hash": "-", "team_id": 1, "status": "approved", "answers": {},
        "created_at": noon,
    }  # fmt: skip
    with database.write() as connection:
        team = {"id": 1, "slug": "alpha", "name": "Alpha", "created_at": noon}
        connection.execute(insert(teams).values(team))
        add_person(connection, **person)
    yield lambda **release: Platform(
        _challenge(release), tmp_path, state, database, lambda: noon, LOCAL
    )
    database.close()


@pytest.fixture
def platform(make_platform: Callable[..., Platform]) -> Platform:
    """A platform with the release as it is."""
    return make_platform()
