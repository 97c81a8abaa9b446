"""The migrations, and what the tables are declared to be, are one and the same schema."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from blueprint.database.connection import open_sqlite
from blueprint.database.migrate import migrate
from blueprint.database.schema import metadata
from blueprint.database.versions import STEPS, known_chain
from tests.landed.landed import make_database


def test_the_migrated_schema_is_the_declared_one(tmp_path):
    for name in ("new.db", "landed.db"):
        if name == "landed.db":
            make_database(tmp_path / name)
        with closing(open_sqlite(tmp_path / name)) as database:
            migrate(database)
            with database.read() as connection:
                found = compare_metadata(MigrationContext.configure(connection), metadata)
        assert found == [], name


def test_there_is_one_line_of_steps_with_one_head():
    script = ScriptDirectory(str(STEPS.parent), version_locations=[str(STEPS)])
    walked = [step.revision for step in script.walk_revisions()]

    assert script.get_heads() == [known_chain()[-1]]
    assert list(reversed(walked)) == list(known_chain())


def test_a_new_database_is_what_a_landed_one_becomes(tmp_path):
    # A new one is made as declared, without the steps; a landed one takes every step.
    make_database(tmp_path / "landed.db")
    for name in ("new.db", "landed.db"):
        with closing(open_sqlite(tmp_path / name)) as database:
            migrate(database)

    assert declared(tmp_path / "new.db") == declared(tmp_path / "landed.db")


def declared(path: Path) -> dict[tuple[str, str], list[str]]:
    """Return what every table and index says, in any order of its columns and constraints."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {(kind, name): sorted(parts(sql or "")) for kind, name, sql in rows}


def parts(sql: str) -> list[str]:
    """Split a statement at the commas that are in no inner brackets; spaces count once."""
    found, depth = [""], 0
    for sign in " ".join(sql.replace('"', "").split()):
        depth += (sign == "(") - (sign == ")")
        if (sign in ",(" and depth == 1) or (sign == ")" and depth == 0):
            found.append("")
        else:
            found[-1] += sign
    return [part.strip() for part in found]
