"""Opens the database and gives out short read and write transactions."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from blueprint.errors import BlueprintError

_BUSY_TIMEOUT_S = 5


class Database:
    """The platform's database; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def place(self) -> str:
        """Where it is, for messages: a path, or an address without its password."""
        return str(self._engine.url.database)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection in a read transaction: one consistent snapshot, nothing is kept."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in one `BEGIN IMMEDIATE` transaction; an exception undoes all of it."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """Give a connection in one write transaction in which tables may be made anew.

        SQLite changes a column by copying its table and dropping the old one, and with foreign
        keys in force that drop would delete every row that refers to it. They are off meanwhile
        (a pragma that works outside of transactions alone) and checked before the end.

        Raises:
            BlueprintError: A row refers to nothing; all was undone.
        """
        with self._engine.connect() as connection:
            _set_foreign_keys(connection, "OFF")
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                _demand_foreign_keys(connection)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                _set_foreign_keys(connection, "ON")

    def ensure_schema(self) -> None:
        """Bring the tables to what this program knows; a second call changes nothing."""
        from blueprint.database.migrate import migrate  # noqa: PLC0415  # it needs this module

        migrate(self)

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


def open_sqlite(path: Path) -> Database:
    """Open (and make, when absent) the SQLite database at `path`: WAL, synchronous=FULL.

    It is its owner's alone; SQLite gives the files that it puts beside it the same mode.
    """
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=24,
        connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_S},
    )

    @event.listens_for(engine, "connect")
    def _settings(dbapi: object, _record: object) -> None:
        dbapi.isolation_level = None  # type: ignore[attr-defined]  # transactions are begun by us
        cursor = dbapi.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    return Database(engine)


def _set_foreign_keys(connection: Connection, to: str) -> None:
    connection.exec_driver_sql(f"PRAGMA foreign_keys={to}")
    connection.rollback()  # SQLAlchemy counts it as the beginning of a transaction


def _demand_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BlueprintError(f"a row of {broken[0]} refers to a row of {broken[2]} that is missing")
