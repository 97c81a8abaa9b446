"""The platform as a process: it answers, keeps what it took, ends in order, and starts again."""

import contextlib
import json
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
import pytest

from blueprint.config.scaffold import Answers, render_challenge_yaml
from blueprint.ledger.history import attempts_of, events_of
from blueprint.ledger.submissions import get
from blueprint.people.accounts import Registration, find_person, register
from blueprint.people.agreements import accept
from blueprint.people.approval import approve
from blueprint.people.git_tokens import issue_token
from blueprint.people.sessions import open_session
from blueprint.platform import Platform, open_platform
from blueprint.resources import package_folder
from blueprint.state import StateFolder

PATIENCE_S = 60.0
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
        return self.process.wait(timeout=20)

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


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One platform for all tests that leave it running."""
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


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


def test_one_process_answers_as_site_portal_git_and_sftp(served: Served) -> None:
    site = httpx.get(served.url, trust_env=False)
    portal = httpx.get(f"{served.url}/portal/login", trust_env=False)
    key = httpx.get(f"{served.url}/receipt-key.pub", trust_env=False)
    git_refs = httpx.get(
        f"{served.url}/git/voxels.git/info/refs?service=git-upload-pack", trust_env=False
    )
    with socket.create_connection(("127.0.0.1", served.sftp)) as client:
        banner = client.recv(20)

    assert "Brain tissue" in site.text
    assert "Brain tissue" in portal.text
    assert key.text.startswith("ed25519:")
    assert git_refs.status_code == 401
    assert banner.startswith(b"SSH-2.0-")


def test_every_page_carries_the_security_headers(served: Served) -> None:
    for path in ("/", "/leaderboard.html", "/portal/login", "/portal/static/live.js", "/nowhere"):
        headers = httpx.get(f"{served.url}{path}", trust_env=False).headers

        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path


def test_nothing_outside_the_site_is_served(served: Served) -> None:
    for path in ("/../platform.db", "/%2e%2e/platform.db", "/..%2f..%2fplatform.db", "/current"):
        with socket.create_connection(("127.0.0.1", served.http)) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert client.makefile("rb").readline().split()[1] in (b"404", b"400"), path


def test_no_library_for_numbers_is_loaded_into_the_platform(served: Served) -> None:
    maps = Path(f"/proc/{served.pid}/maps").read_text()

    assert "sqlite" in maps
    assert not re.search("numpy|scipy|nibabel", maps)


def test_a_second_serve_says_that_it_runs_already(served: Served) -> None:
    second = served.command("serve", "--file", str(served.folder / "challenge.yaml"))

    assert second.wait(timeout=30) != 0
    log = (served.folder / "serve.log").read_text()
    assert "Traceback" not in log
    assert served.is_answering()


def test_sigterm_ends_it_in_good_order_and_keeps_what_was_running(tmp_path: Path) -> None:
    folder = tmp_path / "challenge"
    folder.mkdir()
    with serving(folder) as served:
        number = push_submission(tmp_path / "work", served.participant("tom", "Terminated"))
        with served.platform() as platform:
            wait_until(lambda: get(platform.database, number).state in ("canary", "predicting"))
            begun = time.monotonic()
            code = served.end(signal.SIGTERM)
            took_s = time.monotonic() - begun
            left = get(platform.database, number)

    assert code == 0
    assert took_s < 10.5
    assert left.state == "received"
    assert left.lease_until is None
    assert not served.state.pid.exists()
    assert not served.state.socket.exists()
    assert "Traceback" not in (served.folder / "serve.log").read_text()


def test_after_kill_9_a_new_start_finishes_what_was_running(served: Served, tmp_path: Path) -> None:
    number = push_submission(tmp_path / "work", served.participant("kai", "Killed"))
    with served.platform() as platform:
        wait_until(
            lambda: get(platform.database, number).state in ("canary", "predicting"),
        )
        served.end(signal.SIGKILL)
        left = list(served.state.runs.iterdir())
        served.start()
        wait_until(lambda: get(platform.database, number).state in ("published", "failed"))
        attempts = attempts_of(platform.database, number)
        states = [event.to_state for event in events_of(platform.database, number)]

    assert left, "the test should have killed it in the middle"
    assert [attempt.outcome for attempt in attempts] == ["lost", "scored"]
    assert states.count("scored") == 1
    assert states[-1] == "published"
    assert not list(served.state.runs.iterdir())
    board = httpx.get(f"{served.url}/leaderboard.json", trust_env=False).json()
    assert "Killed" in json.dumps(board)


def test_the_participant_sees_the_submission_through_to_the_end(
    served: Served, tmp_path: Path
) -> None:
    number = push_submission(tmp_path / "work", served.participant("sue", "Seen"))
    with served.platform() as platform:
        person = find_person(platform.database, "sue")
        assert person is not None
        token, _ = open_session(platform.database, person.id, platform.clock())
    seen = set()
    with httpx.Client(
        base_url=served.url, cookies={"brain-tissue-session": token}, trust_env=False
    ) as browser:

        def is_over() -> bool:
            state = browser.get(f"/portal/submissions/{number}/state.json").json()
            seen.add(state["state"])
            assert state["next"]
            assert state["since"]
            return bool(state["is_finished"])

        wait_until(is_over)
        page = browser.get(f"/portal/submissions/{number}").text

    assert "predicting" in seen
    assert "published" in seen
    assert "Published" in page
    assert "dice" in page


def test_revoking_a_person_ends_their_git_access_and_a_push_under_way(
    served: Served, tmp_path: Path
) -> None:
    remote = served.participant("rob", "Revoked")
    assert git(tmp_path, "ls-remote", remote).returncode == 0
    with socket.create_connection(("127.0.0.1", served.http), timeout=20) as client:
        credentials = remote.split("//", 1)[1].split("@", 1)[0]
        basic = httpx.BasicAuth(*credentials.split(":", 1))._auth_header
        client.sendall(
            b"POST /git/revoked.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: " + basic.encode() + b"\r\n"
            b"Content-Type: application/x-git-receive-pack-request\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n4\r\n00a0\r\n"
        )
        wait_until(lambda: bool(children_named(served.pid, "git")))
        revoked = served.command(
            "people", "revoke", "rob", "--file", str(served.folder / "challenge.yaml")
        )
        assert revoked.wait(timeout=30) == 0, (served.folder / "serve.log").read_text()
        wait_until(lambda: not children_named(served.pid, "git"))

    refused = git(tmp_path, "ls-remote", remote)
    assert refused.returncode == 128
    assert "Authentication failed" in refused.stderr


def test_a_push_of_a_gigabyte_is_refused_and_takes_no_memory(served: Served) -> None:
    remote = served.participant("gil", "Gigabyte")
    before_kib = resident_kib(served.pid)
    line = f"{'0' * 40} {'a' * 40} refs/heads/main\0report-status side-band-64k\n".encode()
    head = b"%04x" % (len(line) + 4) + line + b"0000PACK"

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(1024):
            yield bytes(1024**2)

    username, token = remote.split("//", 1)[1].split("@", 1)[0].split(":")
    answer = httpx.post(
        f"{served.url}/git/gigabyte.git/git-receive-pack",
        content=body(),
        headers={"content-type": "application/x-git-receive-pack-request"},
        auth=(username, token),
        timeout=120,
        trust_env=False,
    )

    assert answer.status_code == 200
    assert b"refused: this push is larger than" in answer.content
    assert b"ng refs/heads/main larger than" in answer.content
    assert resident_kib(served.pid) - before_kib < 32 * 1024
    assert served.is_answering()


def resident_kib(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def children_named(pid: int, name: str) -> list[int]:
    """Return the living children of a process whose program begins with `name`."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                with contextlib.suppress(OSError):
                    status = Path(f"/proc/{child}/status").read_text()
                    if status.startswith(f"Name:\t{name}") and "State:\tZ" not in status:
                        found.append(int(child))
    return found
