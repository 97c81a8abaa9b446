"""Scores of a landed database say, after the migration, of which metric and region they are."""

import json
import sqlite3
from contextlib import closing

import pytest

from blueprint.database.connection import open_sqlite
from blueprint.database.migrate import migrate
from blueprint.ledger.history import result_of, scores_of
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
