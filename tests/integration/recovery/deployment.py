"""A platform deployed in earnest, and ways to hold it at a chosen moment."""

import base64
import fcntl
import os
import socket
import sqlite3
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import psycopg
from sqlalchemy import update

from blueprint.database.schema import submissions
from tests.integration.recovery.observed import Observed
from tests.integration.recovery.processes import wait_until
from tests.integration.recovery.team import Team, moment_of

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
# A view that never ends keeps the transaction that meets it open, until its process is killed.
HOLD = """\
CREATE VIEW held AS
  WITH RECURSIVE count(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM count) SELECT max(i) FROM count;
CREATE TRIGGER hold BEFORE INSERT ON events WHEN NEW.to_state = '{to_state}'
  BEGIN SELECT * FROM held; END;
"""
LET_GO = "DROP TRIGGER IF EXISTS hold; DROP VIEW IF EXISTS held;"
# There the server ends the transaction of a process that is gone, within 200 ms.
HOLD_ON_SERVER = """\
CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql
  AS 'BEGIN PERFORM pg_sleep(3600); RETURN NEW; END';
CREATE TRIGGER hold BEFORE INSERT ON events FOR EACH ROW WHEN (NEW.to_state = '{to_state}')
  EXECUTE FUNCTION held();
"""
LET_GO_ON_SERVER = "DROP TRIGGER IF EXISTS hold ON events; DROP FUNCTION IF EXISTS held;"
HELD_HOOK = """\
#!/bin/sh
case "$1" in {when}) ;; *) exit 0 ;; esac
: > '{reached}'
while [ -e '{hold}' ]; do sleep 0.02; done
"""


class Deployment(Observed):
    """A platform that is held in the middle of what it does."""

    def open_gate(self, gate: str, *, trial: bool) -> None:
        """Let the programs behind a gate go on, which look at their list of cases."""
        folder = self.state.inputs / "tissue" / ("public-trial-1" if trial else "public")
        wait_until(folder.is_dir, "the inputs are laid out")
        os.utime(folder / "cases.json", (moment_of(gate), moment_of(gate)))

    @contextmanager
    def held_move(self, to_state: str) -> Iterator[None]:
        """Keep every move to a state in the middle of its transaction, until a kill."""
        is_server = self.state.database_address.exists()
        self.change_schema((HOLD_ON_SERVER if is_server else HOLD).format(to_state=to_state))
        try:
            yield
        finally:
            if self.is_running():  # the test failed before
                self.kill()
            self.change_schema(LET_GO_ON_SERVER if is_server else LET_GO)

    def change_schema(self, script: str) -> None:
        address = self.state.database_address
        if address.exists():
            with psycopg.connect(address.read_text().strip(), autocommit=True) as server:
                server.execute(script.encode())
            return
        with closing(sqlite3.connect(self.state.database, timeout=20)) as database:
            database.executescript(script)

    @contextmanager
    def held_site(self) -> Iterator[None]:
        """Keep builds of the site waiting for the lock that they take."""
        with (self.state.site_builds.parent / "build.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def held_push(self, team: Team, hook: str, when: str) -> Iterator["subprocess.Popen[str]"]:
        """Push, and keep git in a hook of its own, which the push has come to."""
        hooks = self.repository(team) / "hooks"
        reached, hold = team.work.with_suffix(".reached"), team.work.with_suffix(".hold")
        hold.touch()
        script = HELD_HOOK.format(when=when, reached=reached, hold=hold)
        (hooks / hook).write_text(script)
        (hooks / hook).chmod(0o700)
        pushing = team.start_git("push", team.remote, "HEAD:refs/tags/submission/1")
        try:
            wait_until(reached.exists, "git comes to its hook")
            yield pushing
        finally:
            hold.unlink()
            (hooks / hook).unlink()
            pushing.communicate()

    @contextmanager
    def half_a_push(self, team: Team) -> Iterator[None]:
        """Begin to send a pack of one object, and go silent."""
        where, _, host = team.remote.removeprefix("http://").partition("@")
        line = f"{'0' * 40} {'a' * 40} refs/heads/main\0report-status".encode()
        body = b"%04x" % (len(line) + 4) + line + b"0000" + b"PACK" + struct.pack(">2I", 2, 1)
        head = (
            f"POST /{host.partition('/')[2]}/git-receive-pack HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self.http}\r\n"
            f"Authorization: Basic {base64.b64encode(where.encode()).decode()}\r\n"
            "Content-Type: application/x-git-receive-pack-request\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.http), timeout=20) as client:
            client.sendall(head.encode() + b"%x\r\n" % len(body) + body + b"\r\n")
            yield

    @contextmanager
    def spoilt_runs(self) -> Iterator[None]:
        """Have a file in the place of the folder that attempts work in."""
        runs, away = self.state.runs, self.temp / "runs"
        runs.mkdir(exist_ok=True)
        runs.rename(away)
        runs.touch()
        try:
            yield
        finally:
            runs.unlink()
            away.rename(runs)

    def make_time_pass(self, number: int) -> None:
        """Put what a submission waits for into the past, as only hours do otherwise."""
        passed = update(submissions).where(submissions.c.id == number)
        with self.platform() as platform, platform.database.write() as connection:
            connection.execute(passed.values(not_before=LONG_AGO, state_since=LONG_AGO))
