"""A challenge's folder, and the commands that its organizer types."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blueprint.deploy import running
from blueprint.deploy.status import status_of
from blueprint.people.agreements import accept
from blueprint.people.approval import approve
from blueprint.people.git_tokens import issue_token
from blueprint.people.registration import Registration
from blueprint.platform import Platform, open_platform
from blueprint.state import StateFolder
from tests.integration.recovery.processes import (
    PATIENCE_S,
    Process,
    all_processes,
    descendants,
    kill_if_there,
    wait_until,
)
from tests.integration.recovery.team import Team
from tests.people import register

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Commands:
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
        return running.is_running(self.state)

    def deploy(self) -> str:
        """Return what `diychallenge deploy` came to."""
        done = self.cli("deploy", "--json")
        assert done.returncode == 0, done.stderr + self.state.log.read_text()[-4000:]
        return str(json.loads(done.stdout)["outcome"])

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
        # The kernel shows a dead process while its last threads still let go of what it held.
        wait_until(lambda: not self.is_running(), "the platform dies")
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
        with self.platform() as platform:
            told = status_of(platform, platform.clock())
        assert (told.health, told.pid) == ("cut off", None)
        assert "`diychallenge deploy` picks everything up" in told.advice
        assert self.deploy() == "recovered"

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

    def repository(self, team: Team) -> Path:
        """Return the team's bare repository, which a first request makes."""
        assert team.git("ls-remote", team.remote).returncode == 0
        return self.state.git / f"{team.slug}.git"

    def listing(self, folder: Path | None = None) -> list[str]:
        """Return everything below a folder, by default the project's."""
        root = folder or self.folder
        return sorted(str(path.relative_to(root)) for path in root.rglob("*"))

    def children(self) -> list[Process]:
        """Return everything that the platform started."""
        return descendants(self.pid)
