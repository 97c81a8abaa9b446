"""What is private stays so whatever the umask is, and whoever made the folder."""

import stat
from pathlib import Path

from blueprint.database.connection import open_sqlite


def test_the_database_and_what_sqlite_puts_beside_it_are_their_owners_alone(
    tmp_path: Path,
) -> None:
    database = open_sqlite(tmp_path / "platform.db")
    database.ensure_schema()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    database.close()

    assert modes == {0o600}
