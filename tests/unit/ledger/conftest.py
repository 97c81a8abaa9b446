"""A real database with teams in it, and a way to put submissions into the queue."""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from blueprint.database.connection import Database
from blueprint.database.opening import open_database
from blueprint.database.schema import teams
from blueprint.ledger.reservations import Push, confirm, reserve
from blueprint.ledger.submissions import Submission, get
from tests.people import add_person
from tests.unit.ledger.sweeping import unsigned


@pytest.fixture
def database(where: Path | str, noon: datetime) -> Iterator[Database]:
    """Teams 1 to 3 with one person each, on either database."""
    opened = open_database(where)
    with opened.write() as connection:
        for number in (1, 2, 3):
            connection.execute(
                insert(teams).values(
                    id=number, slug=f"team-{number}", name=f"Team {number}", created_at=noon
                )
            )
            add_person(connection, id=number, username=f"person-{number}", team_id=number)
    yield opened
    opened.close()


@pytest.fixture
def enqueue(database: Database, noon: datetime) -> Callable[..., Submission]:
    """Accept one more push, by default with its tag confirmed."""
    counter = itertools.count(1)

    def one(
        *, team: int = 1, kind: str = "code", at: datetime = noon, confirmed: bool = True
    ) -> Submission:
        number = next(counter)
        push = Push(
            challenge="brain-tissue", phase="preliminary", task="tissue", team_id=team,
            person_id=team, username=f"person-{team}", tag=f"refs/tags/submission/{number}",
            commit_sha=hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest(),
            kind=kind, manifest={"version": 1},
        )  # fmt: skip
        with database.write() as connection:
            accepted = reserve(connection, push, at)
            if confirmed:
                confirm(connection, accepted, accepted.tag, unsigned, at)
        return get(database, accepted.id)

    return one
