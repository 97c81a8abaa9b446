"""Puts the state that a platform of version 0 left back into place (see platform-0.made-by)."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

TEAMS = ("threshold-lab", "cluster-collective", "gardeners")
"""Those that have submitted."""
FOLDER = Path(__file__).resolve().parent
LAST_NUMBER = 20
"""The last submission's number; 20 was withdrawn again."""


def make_database(path: Path) -> Path:
    """Make the database as version 0 left it."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.executescript((FOLDER / "platform-0.sql").read_text(encoding="utf-8"))
    return path


def make_state(project: Path, root: Path, socket_folder: Path) -> None:
    """Make a state folder as version 0 left it: database, keys, record and challenge.yaml."""
    (root / "keys").mkdir(parents=True, mode=0o700)
    root.chmod(0o700)
    make_database(root / "platform.db")
    for name in ("receipts.key", "receipts.pub", "sftp_host.key"):
        (root / "keys" / name).write_bytes((FOLDER / f"platform-0.{name}").read_bytes())
        (root / "keys" / name).chmod(0o600)
    for team in TEAMS:
        command = ["git", "init", "--quiet", "--bare", str(root / "git" / f"{team}.git")]
        subprocess.run(command, check=True)
    record = (FOLDER / "platform-0.deployed.json").read_text(encoding="utf-8")
    record = record.replace("@PROJECT@", str(project)).replace("@SOCKETS@", str(socket_folder))
    (root / "deployed.json").write_text(record, encoding="utf-8")
    (root / "challenge.yaml").write_bytes((FOLDER / "platform-0.challenge.yaml").read_bytes())
