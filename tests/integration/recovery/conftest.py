"""A platform deployed in earnest, teams that push to it, and ways to stop it at a chosen moment."""

import base64
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from blueprint import audit
from blueprint.config.scaffold import Answers, render_challenge_yaml
from blueprint.config.schedule import phase_status
from blueprint.database.schema import audit as audit_rows
from blueprint.database.schema import submissions
from blueprint.intake.quota import Usage, usage_of
from blueprint.ledger import history
from blueprint.ledger.submissions import list_submissions
from blueprint.people.accounts import Registration, register
from blueprint.people.agreements import accept
from blueprint.people.approval import approve
from blueprint.people.git_tokens import issue_token
from blueprint.platform import Platform, open_platform
from blueprint.publish.exports import render_json
from blueprint.publish.site import read_boards
from blueprint.resources import package_folder
from blueprint.state import StateFolder

ROOT = Path(__file__).resolve().parents[3]
PHASE = "preliminary"
CASES = 2
SCORES = CASES * 2
"""Dice and HD95 of each case."""
PATIENCE_S = 60.0
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

MANIFEST = "version: 1\ntask: tissue\nkind: code\nrun: [python, predict.py]\n"
PROGRAM = """\
import gzip, json, math, os, pathlib, struct, time
while GATE and not os.path.exists(f"/input/{GATE}"):
    time.sleep(0.01)
for case in json.loads(pathlib.Path("/input/cases.json").read_text()):
    image = gzip.decompress(pathlib.Path("/input", case["files"]["t1"]).read_bytes())
    header = bytearray(image[:352])
    voxels = math.prod(struct.unpack_from("<3h", header, 42))
    struct.pack_into("<2h", header, 70, 2, 8)  # one unsigned byte a voxel
    struct.pack_into("<3f", header, 108, 352, 1, 0)  # right behind the header, as they are
    labels = bytes([1]) * (voxels // 2) + bytes(voxels - voxels // 2)
    folder = pathlib.Path("/output", case["id"])
    folder.mkdir()
    (folder / "mask.nii.gz").write_bytes(gzip.compress(header + labels))
"""
# A view that never ends keeps the transaction that meets it open, until its process is killed.
HOLD = """\
CREATE VIEW held AS
  WITH RECURSIVE count(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM count) SELECT max(i) FROM count;
CREATE TRIGGER hold BEFORE INSERT ON events WHEN NEW.to_state = '{to_state}'
  BEGIN SELECT * FROM held; END;
"""
LET_GO = "DROP TRIGGER IF EXISTS hold; DROP VIEW IF EXISTS held;"
HELD_HOOK = """\
#!/bin/sh
case "$1" in {when}) ;; *) exit 0 ;; esac
: > '{reached}'
while [ -e '{hold}' ]; do sleep 0.02; done
"""


def wait_until(is_true: Callable[[], object], what: str, *, within_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < end, f"not within {within_s:g} s: {what}"
        time.sleep(0.01)


@dataclass(frozen=True)
class Process:
    """One process, told apart from a later one of the same id."""

    pid: int
    parent: int
    started: str
    argv: str

    @classmethod
    def read(cls, pid: int) -> "Process | None":
        """Return the process, None when it has ended (a zombie has)."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            argv = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        except OSError:
            return None
        return None if fields[0] in "ZX" else cls(pid, int(fields[1]), fields[19], argv)

    @property
    def is_alive(self) -> bool:
        now = self.read(self.pid)
        return now is not None and now.started == self.started


def all_processes() -> list[Process]:
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [process for pid in pids if (process := Process.read(pid)) is not None]


def descendants(pid: int) -> list[Process]:
    """Return everything that a process started, and what that started."""
    everybody, found, parents = all_processes(), [], {pid}
    while parents:
        children = [one for one in everybody if one.parent in parents]
        found += children
        parents = {one.pid for one in children}
    return found


@dataclass(frozen=True)
class Team:
    """A team of one, with a work tree and the address to push it to (the token is in it)."""

    slug: str
    username: str
    person_id: int
    id: int
    remote: str
    work: Path

    def git(self, *words: str) -> "subprocess.CompletedProcess[str]":
        with self.start_git(*words) as child:
            out, said = child.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(words, child.returncode, out, said)

    def start_git(self, *words: str) -> "subprocess.Popen[str]":
        who = {f"GIT_{role}_{key}": "a@example.org" for role in ("AUTHOR", "COMMITTER")
               for key in ("NAME", "EMAIL")}  # fmt: skip
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
                 "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8", "no_proxy": "*"}  # fmt: skip
        return subprocess.Popen(
            ["git", *words],
            cwd=self.work,
            env={**os.environ, **quiet, **who},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def commit(self, *, gate: str = "", more: dict[str, bytes] | None = None) -> None:
        """Commit a program that waits until its gate is opened (none: does not wait)."""
        files = {
            "submission.yaml": MANIFEST.encode(),
            "predict.py": f"GATE = {gate!r}\n{PROGRAM}".encode(),
            **(more or {}),
        }
        for name, content in files.items():
            (self.work / name).write_bytes(content)
        for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "one"]):
            done = self.git(*words)
            assert done.returncode == 0, done.stderr

    def push(self) -> int:
        """Push HEAD as a submission and return its number."""
        pushed = self.git("push", self.remote, "HEAD:refs/tags/submission/1")
        assert pushed.returncode == 0, pushed.stderr
        found = re.search(r"submission (\d+)", pushed.stderr)
        assert found, pushed.stderr
        return int(found[1])


@dataclass(frozen=True)
class Deployment:
    """A challenge's folder, and the commands that its organizer types."""

    folder: Path
    http: int
    sftp: int
    temp: Path
    """TMPDIR of everything that runs here, so that nothing else shares it."""

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.folder / ".diychallenge")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def pid(self) -> int:
        return int(self.state.pid.read_text())

    def start_cli(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "cli", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(self.temp)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def cli(self, *words: str) -> "subprocess.CompletedProcess[str]":
        with self.start_cli(*words) as child:
            out, said = child.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(words, child.returncode, out, said)

    def ask(self, *words: str) -> dict[str, Any]:
        done = self.cli(*words, "--json")
        assert done.stdout, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def is_running(self) -> bool:
        with self.state.lock.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def processes(self) -> list[Process]:
        """Return the platforms that serve this state folder; there should be at most one."""
        wanted = f"cli serve --state {self.state.root.resolve()} "
        return [one for one in all_processes() if wanted in one.argv]

    def kill(self, *, power_cut: bool = False) -> list[Process]:
        """kill -9 the platform (with `power_cut` all that it started too); return its children."""
        process, started = Process.read(self.pid), descendants(self.pid)
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        for child in started if power_cut else ():
            kill_if_there(child)
        wait_until(lambda: not process.is_alive, "the platform dies")
        return started

    def wait_gone(self, processes: Sequence[Process]) -> None:
        """Return when none of these is left."""
        wait_until(
            lambda: not any(one.is_alive for one in processes),
            f"these end with the platform: {[one.argv for one in processes if one.is_alive]}",
            within_s=10,
        )

    def recover(self) -> None:
        """See that `status` tells of the kill, and that `deploy` picks up."""
        told = self.cli("status")
        assert (told.returncode, "cut off" in told.stdout) == (1, True), told.stdout
        assert self.ask("deploy")["outcome"] == "recovered"

    @contextmanager
    def platform(self) -> Iterator[Platform]:
        platform = open_platform(self.state)
        try:
            yield platform
        finally:
            platform.database.close()

    def team(self, username: str) -> Team:
        """Let a new team of one person in."""
        with self.platform() as platform:
            now, mail = platform.clock(), f"{username}@example.org"
            form = Registration(username, mail, username, "a long enough secret", username)
            person = register(platform, form, now)
            accept(platform, person.id, "data-use", now)
            approve(platform, username, by="test", now=now)
            token, _ = issue_token(platform.database, person.id, "laptop", now)
        remote = f"http://{username}:{token}@127.0.0.1:{self.http}/git/{person.team_slug}.git"
        work = self.folder.parent / "people" / username
        work.mkdir(parents=True)
        assert person.team_slug
        assert person.team_id
        return Team(person.team_slug, username, person.id, person.team_id, remote, work)

    def state_of(self, number: int) -> str | None:
        found = self.ask_database("SELECT state FROM submissions WHERE id = ?", number)
        return None if found is None else str(found)

    def ask_database(self, statement: str, *values: object) -> Any:
        """Return the first value that the database gives."""
        with closing(sqlite3.connect(f"file:{self.state.database}?mode=ro", uri=True)) as database:
            row = database.execute(statement, values).fetchone()
        return None if row is None else row[0]

    def wait_state(self, number: int, *states: str) -> None:
        wait_until(
            lambda: self.state_of(number) in states,
            f"submission {number} comes to {states}",
        )

    def wait_attempts(self, number: int, *, begun: int = 0, ended: int = 0) -> None:
        """Return when so many attempts were begun, or have ended."""
        counted = "SELECT count(*) FROM attempts WHERE submission_id = ?"
        wait_until(
            lambda: (
                self.ask_database(counted, number) >= begun
                and self.ask_database(f"{counted} AND ended_at IS NOT NULL", number) >= ended
            ),
            f"submission {number} comes to {begun} attempts, {ended} of them ended",
        )

    def wait_program(self) -> None:
        """Return when a submission's program runs in the sandbox."""
        wait_until(
            lambda: any("predict.py" in one.argv for one in descendants(self.pid)),
            "the program runs",
        )

    def open_gate(self, gate: str, *, trial: bool) -> None:
        """Let the programs behind a gate go on; what a sandbox has at /input is live."""
        folder = self.state.inputs / "tissue" / ("public-trial-1" if trial else "public")
        wait_until(folder.is_dir, "the inputs are laid out")
        (folder / gate).touch()

    @contextmanager
    def held_move(self, to_state: str) -> Iterator[None]:
        """Keep every move to a state in the middle of its transaction, until a kill."""
        self.change_schema(HOLD.format(to_state=to_state))
        try:
            yield
        finally:
            self.change_schema(LET_GO)

    def change_schema(self, script: str) -> None:
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

    def repository(self, team: Team) -> Path:
        """Return the team's bare repository, which a first request makes."""
        assert team.git("ls-remote", team.remote).returncode == 0
        return self.state.git / f"{team.slug}.git"

    @contextmanager
    def half_a_push(self, team: Team) -> Iterator[None]:
        """Begin to send a pack of one object, and go silent."""
        where, _, host = team.remote.removeprefix("http://").partition("@")
        line = f"{'0' * 40} {'a' * 40} refs/heads/main\0report-status".encode()
        body = b"%04x" % (len(line) + 4) + line + b"0000" + b"PACK" + struct.pack(">2I", 2, 1)
        head = (
            f"POST /{host.partition('/')[2]}/git-receive-pack HTTP/1.1\r\nHost: platform\r\n"
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

    def usage(self, team: Team) -> Usage:
        """Return what a team has used of its quota."""
        with self.platform() as platform, platform.database.read() as connection:
            challenge = platform.challenge
            return usage_of(
                connection, challenge.challenge.id, challenge.phase(PHASE), team.id,
                platform.clock(),
            )  # fmt: skip

    def demand_published_once(self, team: Team, number: int, attempts: Sequence[str]) -> None:
        """Wait for the end, and see that nothing was lost and nothing happened twice."""
        self.wait_state(number, "published", "failed", "cancelled")
        with self.platform() as platform:
            database = platform.database
            states = [event.to_state for event in history.events_of(database, number)]
            tries = [attempt.outcome for attempt in history.attempts_of(database, number)]
            result = history.result_of(database, number)
            assert states[-2:] == ["scored", "published"]
            assert (states.count("scored"), states.count("published")) == (1, 1)
            assert tries == list(attempts)
            assert result is not None
            assert result.attempt == len(attempts)
            assert len(history.scores_of(database, number)) == SCORES
            mine = list_submissions(database, team=team.slug)
            assert [one.id for one in mine] == [number]
            self._demand_board(platform, number)
            self._demand_scored_once(platform, number)
        self.demand_audit_whole()
        usage = self.usage(team)
        assert (usage.total, len(usage.today), usage.running) == (1, 1, ())
        wait_until(lambda: not list(self.state.runs.iterdir()), "the working folders are removed")

    @staticmethod
    def _demand_board(platform: Platform, number: int) -> None:
        now, challenge = platform.clock(), platform.challenge
        statuses = {phase.id: phase_status(phase, now) for phase in challenge.phases}
        boards = read_boards(platform, statuses)
        published = (platform.state.site / "leaderboard.json").read_text()
        assert published == render_json(challenge, boards)
        assert [one.submission for one in boards[0].standings].count(number) == 1

    @staticmethod
    def _demand_scored_once(platform: Platform, number: int) -> None:
        scored = select(func.count()).where(
            audit_rows.c.action == "submission.scored", audit_rows.c.subject == str(number)
        )
        with platform.database.read() as connection:
            assert connection.execute(scored).scalar_one() == 1

    def demand_audit_whole(self) -> None:
        """See that the chain of the audit log holds."""
        with self.platform() as platform:
            found = audit.verify(platform.database)
        assert (found.broken_at, found.problem) == (None, "")

    def listing(self, folder: Path | None = None) -> list[str]:
        """Return everything below a folder, by default the project's."""
        root = folder or self.folder
        return sorted(str(path.relative_to(root)) for path in root.rglob("*"))

    def children(self) -> list[Process]:
        """Return everything that the platform started."""
        return descendants(self.pid)


def kill_if_there(process: Process) -> None:
    try:
        os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def make_project(folder: Path, temp: Path) -> Deployment:
    """Write a challenge with a few cases, which nobody has deployed yet."""
    for part in ("data", "pages"):
        shutil.copytree(package_folder() / "scaffold" / "brain_tissue" / part, folder / part)
    for case in sorted((folder / "data/test-public").glob("*/public-*")):
        if int(case.name[-2:]) > CASES:
            shutil.rmtree(case)
    with ExitStack() as probes:
        taken = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        http, sftp = (int(probe.getsockname()[1]) for probe in taken)
    answers = Answers("brain-tissue", "Brain tissue", "us@example.org", http=http, sftp=sftp)
    text = render_challenge_yaml(answers, datetime.now(UTC))
    (folder / "challenge.yaml").write_text(text)
    return Deployment(folder, http, sftp, temp)


@contextmanager
def project(parent: Path) -> Iterator[Deployment]:
    """Give a project, and take away what is left of it."""
    # Short: a socket's path has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="dc-") as temp:
        made = make_project(parent / "project", Path(temp))
        try:
            yield made
        finally:
            made.cli("destroy", "--yes")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with project(tmp_path_factory.mktemp("recovery")) as made:
        yield made


@pytest.fixture
def deployment(shared: Deployment) -> Deployment:
    """A running platform, which the tests share; each brings its own team."""
    deployed = shared.cli("deploy")
    assert deployed.returncode == 0, deployed.stderr
    return shared


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Deployment]:
    """A project that was never deployed."""
    with project(tmp_path) as made:
        yield made


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    return wait_until
