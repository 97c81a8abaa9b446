"""A challenge's folder, the platform that runs it, and teams that push to it."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from blueprint.config.scaffold import Answers, render_challenge_yaml
from blueprint.people.agreements import accept
from blueprint.people.approval import approve
from blueprint.people.git_tokens import issue_token
from blueprint.people.registration import Registration
from blueprint.platform import Platform, open_platform
from blueprint.resources import package_folder
from blueprint.state import StateFolder
from tests.people import register

PATIENCE_S = 180.0

SLOW = """\
import json, pathlib, shutil, time
time.sleep(2)
for case in json.loads(pathlib.Path("/input/cases.json").read_text()):
    folder = pathlib.Path("/output") / case["id"]
    folder.mkdir(parents=True)
    import nibabel, numpy
    image = nibabel.load("/input/" + case["files"]["t1"])
    labels = numpy.zeros(image.shape, numpy.uint8)
    nibabel.save(nibabel.Nifti1Image(labels, image.affine), folder / "mask.nii.gz")
"""

MANIFEST = "version: 1\ntask: tissue\nphase: preliminary\nkind: code\nrun: [python, predict.py]\n"


@dataclass
class Served:
    """A challenge's folder, and the platform that runs it."""

    folder: Path
    http: int
    sftp: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.folder / ".diychallenge")

    @property
    def pid(self) -> int:
        return int(self.state.pid.read_text())

    def start(self) -> None:
        """Run `diychallenge serve` until it answers."""
        self.process = self.command("serve", "--file", str(self.folder / "challenge.yaml"))
        wait_until(self.is_answering)

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "serve.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "cli", *arguments], stdout=log, stderr=log
            )

    def is_answering(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "serve.log").read_text()
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    @contextlib.contextmanager
    def platform(self) -> Iterator[Platform]:
        platform = open_platform(self.state)
        try:
            yield platform
        finally:
            platform.database.close()

    def participant(self, username: str, team: str) -> str:
        """Let somebody in, and return the address of their repository with a token in it."""
        with self.platform() as platform:
            now = platform.clock()
            form = Registration(
                username, f"{username}@example.org", username, "a long enough secret", team
            )
            person = register(platform, form, now)
            accept(platform, person.id, "data-use", now)
            approve(platform, username, by="test", now=now)
            token, _ = issue_token(platform.database, person.id, "laptop", now)
        return f"http://{username}:{token}@127.0.0.1:{self.http}/git/{team.lower()}.git"


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Run a platform in `folder` on ports that were free a moment ago."""
    for part in ("data", "pages"):
        shutil.copytree(package_folder() / "scaffold" / "brain_tissue" / part, folder / part)
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        http, sftp = one.getsockname()[1], other.getsockname()[1]
    answers = Answers("brain-tissue", "Brain tissue", "us@example.org", http=http, sftp=sftp)
    text = render_challenge_yaml(answers, datetime.now(UTC))
    (folder / "challenge.yaml").write_text(text)
    served = Served(folder, http, sftp)
    served.start()
    try:
        yield served
    finally:
        if served.process is not None and served.process.poll() is None:
            served.end(signal.SIGTERM)
        with contextlib.suppress(OSError):
            served.state.socket_folder.rmdir()


def git(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "LC_ALL": "C.UTF-8",
        "no_proxy": "*",
    }
    return subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def push_submission(folder: Path, remote: str, name: str = "1") -> int:
    """Push the slow submission and return its number."""
    folder.mkdir()
    (folder / "submission.yaml").write_text(MANIFEST)
    (folder / "predict.py").write_text(SLOW)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=slow")
    git(folder, "tag", f"submission/{name}")
    pushed = git(folder, "push", remote, f"submission/{name}")
    assert pushed.returncode == 0, pushed.stderr
    found = re.search(r"submission (\d+)", pushed.stderr)
    assert found, pushed.stderr
    return int(found[1])


def wait_until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
