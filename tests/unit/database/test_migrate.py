"""A database of an earlier version is brought up to this one; one of a later is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from blueprint import __version__, audit
from blueprint.database.connection import Database, open_sqlite
from blueprint.database.copies import sqlite_copier
from blueprint.database.migrate import migrate
from blueprint.database.schema import meta
from blueprint.database.versions import demand_current, known_chain, read_version
from blueprint.errors import BlueprintError, InputError
from blueprint.ledger.leases import acquire
from blueprint.ledger.moves import Mean, Result, ScoreRow, advance, mark_published, record_result
from blueprint.ledger.reservations import confirm
from blueprint.ledger.submissions import get, list_submissions
from blueprint.ledger.sweeper import release_all
from blueprint.people.password_identity import authenticate
from tests.landed.landed import LAST_NUMBER, make_database

# A table that others refer to gets a column that SQLite can only add by making the table anew.
FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

def upgrade():
    op.create_table("meta", sa.Column("key", sa.String, primary_key=True),
                    sa.Column("value", sa.Text, nullable=False))
    op.create_table("parents", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table("children", sa.Column("id", sa.Integer, primary_key=True), sa.Column("parent",
                    sa.Integer, sa.ForeignKey("parents.id", ondelete="CASCADE")))
"""
REBUILD = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
    op.execute("INSERT INTO meta VALUES ('half', 'done')")
    with op.batch_alter_table("parents", recreate="always") as batch:
        batch.add_column(sa.Column("name", sa.String(9), nullable=False, server_default="x"))
{more}
"""


@pytest.fixture
def landed(tmp_path):
    with closing(open_sqlite(make_database(tmp_path / "platform.db"))) as database:
        yield database


def test_a_landed_database_is_refused_until_it_is_migrated_and_then_goes_on(landed, noon):
    with pytest.raises(InputError, match="schema 0001, from before schemas had a version") as old:
        demand_current(landed)
    assert "`diychallenge deploy` migrates it" in str(old.value.hint)
    with landed.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, state FROM submissions")
        before = {row.id: row.state for row in rows}

    done = migrate(landed)

    assert done is not None
    assert (done.before, done.after) == ("0001", known_chain()[-1])
    demand_current(landed)
    assert migrate(landed) is None
    assert {one.id: one.state for one in list_submissions(landed)} == before
    # The fixture holds every state there is, and its script says which number is in which.
    assert before == {
        1: "published", 2: "published", 3: "scored", 4: "failed", 5: "failed", 6: "failed",
        7: "cancelled", 8: "cancelled", 9: "checked", 10: "canary", 11: "predicting",
        12: "predicted", 13: "scoring", 14: "building", 15: "built", 16: "predicting",
        17: "received", 18: "received", 19: "received",
    }  # fmt: skip


def test_submissions_of_a_landed_database_are_finished_by_this_version(landed, noon):
    migrate(landed)
    report = release_all(landed, "embedded-", noon)
    assert (report.retried, report.cancelled) == ([9, 10, 11, 12, 13, 14, 15], [16])
    with landed.write() as connection:
        unconfirmed = get(landed, 19)
        assert unconfirmed.receipt == {}  # it was signed before its tag was stored
        assert confirm(
            connection, unconfirmed, unconfirmed.tag, lambda one: {"submission": one.id}, noon
        )

    later = noon.replace(hour=23)
    while (lease := acquire(landed, "embedded-1", later)) is not None:
        for state in ("checked", "canary", "predicting", "predicted", "scoring"):
            advance(landed, lease, state, later)
        rows = [ScoreRow("public-01", "dice", "mean", 0.5, "ok")]
        record_result(landed, lease, Result(1.0, 1.0, rows, [Mean("dice", "mean", 0.5)]), later)
    mark_published(landed, [one.id for one in list_submissions(landed, state="scored")], later)

    ended = {one.id: one.state for one in list_submissions(landed)}
    assert {ended[number] for number in (1, 2, 3, *range(9, 16), 17, 18, 19)} == {"published"}
    assert [number for number, state in ended.items() if state == "cancelled"] == [16, 8, 7]
    assert max(ended) == LAST_NUMBER - 1
    assert audit.verify(landed).problem == ""


def test_people_of_a_landed_database_log_in(landed):
    migrate(landed)

    anna = authenticate(landed, "anna", "a quiet lake in autumn")

    assert anna is not None
    assert anna.status == "approved"


def test_a_program_that_is_older_than_the_database_refuses_and_names_both(landed):
    migrate(landed)
    with landed.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.execute(meta.update().where(meta.c.key == "software").values(value="7.1"))

    for use in (demand_current, migrate):
        with pytest.raises(InputError) as refused:
            use(landed)
        assert "by diychallenge 7.1 with schema 9999" in str(refused.value)
        assert f"this is diychallenge {__version__}" in str(refused.value)
        assert known_chain()[-1] in str(refused.value)
        assert "that version of diychallenge or a later one" in str(refused.value.hint)


def test_what_is_no_database_of_ours_is_left_alone(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE people (id INTEGER)")
        other.commit()
    before = (tmp_path / "other.db").read_bytes()

    with closing(open_sqlite(tmp_path / "other.db")) as database:
        for use in (demand_current, migrate):
            with pytest.raises(InputError, match="no database of diychallenge"):
                use(database)

    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("people",)]
    assert len(before) > 0


def test_the_copy_holds_what_was_there_and_nothing_is_copied_for_nothing(landed, tmp_path, noon):
    copier = sqlite_copier(tmp_path / "platform.db", tmp_path / "copies", noon)

    done = migrate(landed, copier)
    again = migrate(landed, copier)

    assert done is not None
    assert done.copy is not None
    assert again is None
    assert done.copy == tmp_path / "copies" / "platform-schema-0001-20270615T120000Z.db"
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [done.copy.name]
    assert done.copy.stat().st_mode & 0o777 == 0o600
    assert dump(done.copy) == dump(make_database(tmp_path / "again.db"))


def test_without_a_copy_nothing_is_migrated(landed, tmp_path, noon):
    (tmp_path / "copies").write_text("a file is in the way")
    before = dump(tmp_path / "platform.db")

    with pytest.raises(BlueprintError, match="could not be copied") as failed:
        migrate(landed, sqlite_copier(tmp_path / "platform.db", tmp_path / "copies", noon))

    assert "nothing was changed" in str(failed.value.hint)
    assert dump(tmp_path / "platform.db") == before


def test_a_step_that_fails_half_way_leaves_the_database_as_it_was(tmp_path):
    steps = write_steps(tmp_path, REBUILD.format(more="    op.execute('SELECT no_such_thing')"))
    with closing(open_sqlite(tmp_path / "platform.db")) as database:
        make_old(database, steps)
        before = dump(tmp_path / "platform.db")

        with pytest.raises(BlueprintError, match="from schema 0001 to 0002: no such column"):
            migrate(database, steps=steps)

        assert dump(tmp_path / "platform.db") == before


def test_making_a_table_anew_keeps_the_rows_that_refer_to_it(tmp_path):
    steps = write_steps(tmp_path, REBUILD.format(more=""))
    with closing(open_sqlite(tmp_path / "platform.db")) as database:
        make_old(database, steps)

        migrate(database, steps=steps)

        with database.write() as connection:
            held = connection.exec_driver_sql("SELECT id, parent FROM children").all()
            assert [tuple(row) for row in held] == [(1, 1)]
            # Foreign keys are in force again, and lead to the new table.
            connection.exec_driver_sql("DELETE FROM parents")
            assert connection.exec_driver_sql("SELECT * FROM children").all() == []


def test_a_step_that_leaves_a_row_without_its_parent_is_undone(tmp_path):
    steps = write_steps(tmp_path, REBUILD.format(more="    op.execute('DELETE FROM parents')"))
    with closing(open_sqlite(tmp_path / "platform.db")) as database:
        make_old(database, steps)
        before = dump(tmp_path / "platform.db")

        with pytest.raises(BlueprintError, match="children refers to a row of parents"):
            migrate(database, steps=steps)

        assert dump(tmp_path / "platform.db") == before


def test_the_program_that_migrated_is_noted(landed):
    migrate(landed)

    with landed.read() as connection:
        noted = connection.execute(select(meta.c.value).where(meta.c.key == "software")).scalar()
        assert noted == read_version(connection).software == __version__


def write_steps(folder: Path, second: str) -> Path:
    steps = folder / "migrations" / "versions"
    steps.mkdir(parents=True)
    (steps / "0001_first.py").write_text(FIRST)
    (steps / "0002_second.py").write_text(second)
    return steps


def make_old(database: Database, steps: Path) -> None:
    """Make a database of the first step, with a row that refers to another."""
    second = (steps / "0002_second.py").rename(steps / "0002_second.later")
    migrate(database, steps=steps)
    second.rename(steps / "0002_second.py")
    known_chain.cache_clear()
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO parents VALUES (1)")
        connection.exec_driver_sql("INSERT INTO children VALUES (1, 1)")


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())
