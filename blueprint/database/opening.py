"""Opens a database wherever it is: a file of SQLite, or a PostgreSQL server."""

from pathlib import Path

from blueprint.database.connection import Database, open_sqlite
from blueprint.database.postgresql import open_postgres


def open_database(where: Path | str) -> Database:
    """Open a database.

    Args:
        where: A path, for SQLite; an address (`postgresql://...`), for PostgreSQL.

    Raises:
        InputError: The address is not one.
        ToolError: The driver for it is not installed.
    """
    if isinstance(where, str) and "://" in where:
        return open_postgres(where)
    return open_sqlite(Path(where))
