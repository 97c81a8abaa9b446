"""The steps do the same on PostgreSQL as on SQLite, to the tables and to what is in them."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, select

from blueprint import audit
from blueprint.database.connection import Database
from blueprint.database.migrate import migrate
from blueprint.database.opening import open_database
from blueprint.database.schema import metadata
from blueprint.database.versions import LANDED, STEPS
from tests.landed.landed import make_database
from tests.postgres_server import PostgresServer


@pytest.fixture
def server_database(postgres: PostgresServer) -> Iterator[Database]:
    """A database on the server that holds nothing, not even tables."""
    name = postgres.create()
    with closing(open_database(postgres.url(name))) as database:
        yield database
    postgres.drop(name)


def test_the_migrated_schema_is_the_declared_one_on_postgresql(server_database):
    migrate(server_database)

    with server_database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_what_version_0_left_comes_to_the_same_rows_on_both(server_database, tmp_path):
    with closing(open_database(make_database(tmp_path / "platform.db"))) as here:
        put_landed_rows(here, server_database)

        for database in (here, server_database):
            done = migrate(database)
            assert done is not None
            assert done.before == LANDED

        expected, found = rows_of(here), rows_of(server_database)
    assert found == expected
    assert len(expected["submissions"]) == 19
    assert audit.verify(server_database).problem == ""


def put_landed_rows(source: Database, target: Database) -> None:
    """Make the first schema on the server, with the rows of a database that has it."""
    step = ScriptDirectory(str(STEPS.parent), version_locations=[str(STEPS)]).get_revision(LANDED)
    assert step is not None
    landed = MetaData()
    with source.read() as old:
        landed.reflect(old)
        rows = {
            table: old.execute(select(table)).mappings().all() for table in landed.sorted_tables
        }
    with target.write() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            step.module.upgrade()
        for table, held in rows.items():
            if held:
                connection.execute(insert(table), [dict(row) for row in held])


def rows_of(database: Database) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, by its key."""
    with database.read() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in metadata.sorted_tables
        }
