"""Opens the database and gives out short read and write transactions."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from blueprint.database.damage import explained
from blueprint.errors import BlueprintError

_BUSY_TIMEOUT_S = 5
_LAST = "acts before the commit"


class Database(ABC):
    """The platform's database; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def place(self) -> str:
        """Where it is, for messages: a path, or an address without its password."""
        url = self._engine.url
        return str(url.database) if url.host is None and not url.query else repr(url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection in a read transaction: one consistent snapshot, nothing is kept."""
        with self._explaining(), self._engine.connect() as fresh:
            connection = self._begin_read(fresh)
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def write(self, alone: str | None = None) -> Iterator[Connection]:
        """Give a connection in one write transaction; an exception undoes all of it.

        Args:
            alone: What the transaction decides about, where that spans several rows (`people`):
                of those with the same word one runs at a time. On SQLite there is one at a time
                in any case. What concerns one row needs none: read it with `for update`, or make
                the change depend on what was read.
        """
        with self._explaining(), self._engine.connect() as connection:
            self._begin_write(connection, alone)
            with _ending(connection):
                yield connection

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """Give a connection in one write transaction in which tables may be made anew.

        Raises:
            BlueprintError: A row refers to nothing; all was undone.
        """
        with self.write("schema") as connection:
            yield connection

    def ensure_schema(self) -> None:
        """Bring the tables to what this program knows; a second call changes nothing."""
        from blueprint.database.migrate import migrate  # noqa: PLC0415  # it needs this module

        migrate(self)

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Turn what the driver says of the database as a whole into words and a way out."""
        try:
            yield
        except DBAPIError as error:
            fault = explained(error, self.place)
            if fault is None:
                raise
            raise fault from error

    @abstractmethod
    def _begin_read(self, connection: Connection) -> Connection:
        """Begin a transaction that sees one moment."""

    @abstractmethod
    def _begin_write(self, connection: Connection, alone: str | None) -> None:
        """Begin a transaction that may change rows."""


class SqliteDatabase(Database):
    """A file, with one writer at a time."""

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """Give a connection in one write transaction in which tables may be made anew.

        SQLite changes a column by copying its table and dropping the old one, and with foreign
        keys in force that drop would delete every row that refers to it. They are off meanwhile
        (a pragma that works outside of transactions alone) and checked before the end.

        Raises:
            BlueprintError: A row refers to nothing; all was undone.
        """
        with self._explaining(), self._engine.connect() as connection:
            _set_foreign_keys(connection, "OFF")
            try:
                self._begin_write(connection, None)
                with _ending(connection):
                    yield connection
                    _demand_foreign_keys(connection)
            finally:
                _set_foreign_keys(connection, "ON")

    def _begin_read(self, connection: Connection) -> Connection:
        connection.exec_driver_sql("BEGIN")
        return connection

    def _begin_write(self, connection: Connection, alone: str | None) -> None:
        del alone  # IMMEDIATE: the lock for writing is taken now, and there is one
        connection.exec_driver_sql("BEGIN IMMEDIATE")


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

    return SqliteDatabase(engine)


def before_commit(connection: Connection, act: Callable[[], None]) -> None:
    """Have `act` done as the last thing of a write transaction, in the order of the calls.

    For what every transaction does and only one at a time may: the shorter a lock is held, and
    the later it is taken, the less there is to wait for and the less two can wait for each other.

    Raises:
        ValueError: This is no write transaction: a programming error.
    """
    acts = connection.info.get(_LAST)
    if acts is None:
        raise ValueError("this is no write transaction")
    acts.append(act)


@contextmanager
def _ending(connection: Connection) -> Iterator[None]:
    """Commit at the end, after what was put off until then; an exception undoes all."""
    connection.info[_LAST] = []
    try:
        yield
        for act in connection.info[_LAST]:
            act()
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.info.pop(_LAST, None)


def _set_foreign_keys(connection: Connection, to: str) -> None:
    connection.exec_driver_sql(f"PRAGMA foreign_keys={to}")
    connection.rollback()  # SQLAlchemy counts it as the beginning of a transaction


def _demand_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BlueprintError(f"a row of {broken[0]} refers to a row of {broken[2]} that is missing")
