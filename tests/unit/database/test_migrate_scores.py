"""Scores of a landed database say, after the migration, of which metric and region they are."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import MetaData

from blueprint.database.connection import open_sqlite
from blueprint.database.migrate import migrate
from blueprint.database.opening import open_database
from blueprint.database.versions import STEPS
from blueprint.ledger.history import result_of, scores_of
from blueprint.ledger.outcomes import Mean
from tests.landed.landed import make_database


@pytest.fixture
def landed(tmp_path):
    path = make_database(tmp_path / "platform.db")
    with closing(sqlite3.connect(path)) as before:
        rows = before.execute('SELECT submission_id, case_id, "column", value, flag FROM scores')
        scores = rows.fetchall()
        means = dict(before.execute("SELECT submission_id, means FROM results").fetchall())
    with closing(open_sqlite(path)) as database:
        yield database, scores, {number: json.loads(text) for number, text in means.items()}


def names_of(packed: str) -> tuple[str, str]:
    """Return metric and region of a packed name, as the landed version made them."""
    return {
        "dice": ("dice", "mean"), "dice:1": ("dice", "1"), "dice:2": ("dice", "2"),
        "dice:3": ("dice", "3"), "hd95": ("hd95", "mean"),
    }[packed]  # fmt: skip


def test_every_score_keeps_its_case_value_and_flag(landed):
    database, before, _ = landed

    migrate(database)

    assert len(before) > 50
    expected = sorted(
        (number, case, *names_of(packed), value, flag)
        for number, case, packed, value, flag in before
    )
    found = sorted(
        (number, row.case_id, row.metric, row.region, row.value, row.flag)
        for number in {row[0] for row in before}
        for row in scores_of(database, number)
    )
    assert found == expected


def test_every_mean_keeps_its_value_and_place(landed):
    database, _, before = landed

    migrate(database)

    assert before
    for number, means in before.items():
        recorded = result_of(database, number)
        assert recorded is not None
        found = [(mean.metric, mean.region, mean.value) for mean in recorded.means]
        assert found == [(*names_of(packed), value) for packed, value in means.items()]


def test_scores_go_with_their_submission_as_before(landed):
    database, before, _ = landed
    migrate(database)
    number = before[0][0]

    with database.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM submissions WHERE id = {int(number)}")  # noqa: S608

    assert scores_of(database, number) == []


@pytest.fixture(params=["sqlite", "postgresql"])
def packed(request, tmp_path):
    """A database of the landed schema, on either kind of server, with one scored submission."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    name = server.create() if server else ""
    steps = tmp_path / "versions"
    steps.mkdir()
    shutil.copy(STEPS / "0001_landed.py", steps)
    with closing(open_database(server.url(name) if server else tmp_path / "a.db")) as database:
        migrate(database, steps=steps)
        with database.write() as connection:
            tables = MetaData()
            tables.reflect(connection)
            for table, rows in PACKED.items():
                connection.execute(tables.tables[table].insert(), rows)
        yield database
    if server:
        server.drop(name)


AT = "2027-06-15T12:00:00.000000Z"
NOTHING = {"note": "", "token": 1, "attempt": 1, "platform_faults": 0, "refunded": False,
           "cancel_requested": False, "manifest": {}, "receipt": {}}  # fmt: skip
SCORE = {"submission_id": 7, "case_id": "case-1"}
PACKED: dict[str, list[dict[str, object]]] = {
    "teams": [{"id": 1, "slug": "alpha", "name": "Alpha", "created_at": AT}],
    "people": [
        {"id": 1, "username": "ada", "email": "a@b.org", "name": "Ada", "password_hash": "x",
         "team_id": 1, "status": "approved", "answers": {}, "created_at": AT}
    ],
    "submissions": [
        {"id": 7, "challenge": "c", "phase": "p", "task": "t", "team_id": 1, "person_id": 1,
         "commit_sha": "abc", "tag": "refs/tags/submission/1", "kind": "code", "nonce": "n",
         "state": "scored", "state_since": AT, "received_at": AT, **NOTHING}
    ],
    "results": [
        {"submission_id": 7, "attempt": 1, "recorded_at": AT, "run_s": 1.0, "score_s": 1.0,
         "means": {"hd95": 2.5, "dice:10": 0.5, "dice:2": 0.25}}
    ],
    "scores": [
        {**SCORE, "column": "hd95", "value": 2.5, "flag": "ok"},
        {**SCORE, "column": "dice:10", "value": 0.5, "flag": "one-empty"},
        {**SCORE, "column": "dice:2", "value": 0.25, "flag": "missing"},
    ],
}  # fmt: skip


def test_names_are_split_on_either_kind_of_server(packed):
    migrate(packed)

    assert {
        (row.case_id, row.metric, row.region, row.value, row.flag) for row in scores_of(packed, 7)
    } == {
        ("case-1", "hd95", "mean", 2.5, "ok"),
        ("case-1", "dice", "10", 0.5, "one-empty"),
        ("case-1", "dice", "2", 0.25, "missing"),
    }
    recorded = result_of(packed, 7)
    assert recorded is not None
    assert recorded.means == (
        Mean("hd95", "mean", 2.5), Mean("dice", "10", 0.5), Mean("dice", "2", 0.25),
    )  # fmt: skip
