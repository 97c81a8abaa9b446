"""A migration that is killed at any of its statements leaves the old database or the new one."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.landed.landed import make_database

ROOT = Path(__file__).resolve().parents[3]
# Forks once for each statement of the migration, and kills the child before that statement.
KILLER = """
import os, shutil, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
import alembic.script, alembic.runtime.migration
from blueprint.database.connection import open_sqlite
from blueprint.database.copies import sqlite_copier
from blueprint.database.migrate import migrate

folder = Path(sys.argv[1])
for number in range(1, 2000):
    here = folder / str(number)
    here.mkdir()
    shutil.copy(folder / "old.db", here / "platform.db")
    child = os.fork()
    if child == 0:
        database, seen, last = open_sqlite(here / "platform.db"), 0, ""
        def count(*moment):
            global seen, last
            statement = moment[2] if len(moment) > 2 else "the commit"
            # Reading changes nothing, and a statement that is repeated for each row is one step.
            reads = statement.lstrip().startswith(("SELECT", "PRAGMA main.", "PRAGMA table_"))
            if reads or statement == last:
                return
            seen, last = seen + 1, statement
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
        for moment in ("before_cursor_execute", "commit"):
            event.listen(database._engine, moment, count)
        copier = sqlite_copier(here / "platform.db", here / "copies", datetime.now(UTC))
        assert migrate(database, copier) is not None
        os._exit(0)
    if os.WIFEXITED(os.waitpid(child, 0)[1]):
        print(number)
        break
"""


def test_kill_minus_9_at_every_statement_leaves_the_old_or_the_new_database(tmp_path: Path) -> None:
    make_database(tmp_path / "old.db")
    old = dump(tmp_path / "old.db")

    last = int(
        subprocess.run(
            [sys.executable, "-c", KILLER, str(tmp_path)], cwd=ROOT, check=True,
            capture_output=True, text=True, timeout=120,
        ).stdout
    )  # fmt: skip

    new = dump(tmp_path / str(last) / "platform.db")
    assert new != old
    runs = [tmp_path / str(number) for number in range(1, last)]
    found = [dump(here / "platform.db") for here in runs]
    assert all(one in (old, new) for one in found), "a database that is neither old nor new"
    # It turns from old to new once, which is the commit, and the copy was there before.
    commit = found.index(new)
    assert found == [old] * commit + [new] * (len(found) - commit)
    copied = [index for index, here in enumerate(runs) if any(here.glob("copies/*.db"))]
    assert copied == list(range(copied[0], len(runs)))
    assert commit - copied[0] > 5, "hardly a kill came between the copy and the commit"
    for index in copied:
        (copy,) = runs[index].glob("copies/*.db")
        assert dump(copy) == old


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return list(database.iterdump())
