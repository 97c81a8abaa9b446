"""Opens a PostgreSQL database: the same transactions as on SQLite, with several writers at once."""

import hashlib

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from blueprint.database.connection import Database
from blueprint.errors import InputError, ToolError

_DRIVER = "postgresql+psycopg"
_CONNECT_TIMEOUT_S = 10


class PostgresDatabase(Database):
    """A server's database; rows are locked one by one, what spans rows by a named lock."""

    def _begin_read(self, connection: Connection) -> Connection:
        # One snapshot for all that is read, as SQLite gives it.
        return connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def _begin_write(self, connection: Connection, alone: str | None) -> None:
        connection.begin()
        if alone is not None:
            hold(connection, alone)


def open_postgres(url: str) -> Database:
    """Open the PostgreSQL database at `url` (`postgresql://user@host/name`).

    Its texts should sort by their bytes (`LOCALE 'C'` or `C.UTF-8`), as SQLite's do.

    Raises:
        InputError: This is no such address.
        ToolError: The driver is not installed.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InputError("the address of the database is no postgresql:// address") from None
    if parsed.get_backend_name() != "postgresql":
        raise InputError(f"{parsed.drivername}: is no database that we know; use postgresql://")
    try:
        engine = create_engine(
            parsed.set(drivername=_DRIVER),
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=24,
            pool_pre_ping=True,  # a server restarts, and a firewall forgets
            connect_args={"connect_timeout": _CONNECT_TIMEOUT_S},
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise ToolError(
            "the driver for PostgreSQL is not installed",
            hint="pip install 'diychallenge[server]'",
        ) from None
    return PostgresDatabase(engine)


def hold(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds `name`, and hold it until this one ends.

    On SQLite a write transaction is alone anyway. Holding it twice is as holding it once.
    """
    if connection.dialect.name != "postgresql":
        return
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
