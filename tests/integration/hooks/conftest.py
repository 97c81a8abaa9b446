"""A real repository with our hooks, a small server on a Unix socket, and a participant's clone."""

import itertools
import os
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import insert

from blueprint.addresses import embedded_addresses
from blueprint.config.model import Challenge, Embedded, Split
from blueprint.database.opening import open_database
from blueprint.database.schema import teams
from blueprint.evaluations.datasets import CaseDigests, Dataset
from blueprint.evaluations.sets import keep_terms, put_in_force
from blueprint.evaluations.terms import terms_of
from blueprint.intake.confirmation import answer_post_receive, sweep_platform
from blueprint.intake.push import answer_pre_receive
from blueprint.intake.receipts import receipt_key
from blueprint.intake.repositories import embedded_repositories
from blueprint.ledger.leases import acquire
from blueprint.ledger.moves import AttemptFault, fail
from blueprint.ledger.sweeper import SweepReport
from blueprint.platform import Platform
from blueprint.state import StateFolder
from tests.integration.hooks.front import Front, gateway_before
from tests.integration.hooks.pushes import CODE
from tests.people import add_person

CASES = [f"case-{number:02}" for number in range(1, 5)]
METRICS = [{"id": "dice"}]
LIMITS = {"per_day": 3, "total": None, "concurrent": None, "failed_per_day": None}
SHARED = {
    "problem": "semantic-segmentation", "inputs": {"t1": "image"},
    "outputs": {"mask": "segmentation"}, "labels": {1: "grey matter"}, "metrics": METRICS,
    "cases": {"public": "data/test-public", "private": "data/test-private"},
}  # fmt: skip


def ensure_repository(platform: Platform, team: str) -> Path:
    repositories = embedded_repositories(platform)
    repositories.ensure(team)
    return repositories.place(team)


def phase(name: str, task: str, opens: str, closes: str, **more: object) -> dict[str, object]:
    return {"id": name, "tasks": [task], "opens": opens, "closes": closes, **more}


CHALLENGE = {
    "version": 1,
    "challenge": {"id": "brain-tissue", "title": "Brain tissue", "contact": "us@example.org"},
    "embedded": {"http": 8123},
    "tasks": [
        {"id": "tissue", "title": "Tissue", **SHARED},
        {"id": "vessels", "title": "Vessels", **SHARED},
        {"id": "lesions", "title": "Lesions", **SHARED},
    ],
    "phases": [
        phase("preliminary", "tissue", "2027-06-01", "2027-08-31",
              submission=["code", "predictions"], limits=LIMITS),
        phase("final", "tissue", "2027-09-01", "2027-09-15", cases="private"),
        phase("warm-up", "tissue", "2027-05-01", "2027-05-31"),
        phase("vessels-a", "vessels", "2027-06-01", "2027-08-31", limits=LIMITS),
        phase("vessels-b", "vessels", "2027-06-01", "2027-08-31", limits=LIMITS),
        phase("lesions-a", "lesions", "2027-07-01", "2027-08-31"),
    ],
}  # fmt: skip


@dataclass
class Dial:
    """The platform's clock, set by hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Pushed:
    """How a push ended, and what the platform said."""

    accepted: bool
    said: str
    stderr: str


@dataclass
class Clone:
    """A participant's repository; commits in it have fixed dates, so their ids are always equal."""

    folder: Path
    remote: Path | str
    environment: dict[str, str] = field(repr=False)

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment, input=stdin,
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "replace").strip()

    def commit(self, files: dict[str, str | bytes], message: str = "work") -> str:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, what: str = "HEAD") -> None:
        self.git("tag", "--force", f"submission/{name}", what)

    def push(self, *refs: str, person: int = 1, team: str = "voxels") -> Pushed:
        environment = {
            **self.environment,
            "DIYCHALLENGE_USERNAME": f"person-{person}", "DIYCHALLENGE_TEAM": team,
        }  # fmt: skip
        done = subprocess.run(
            ["git", "push", str(self.remote), *refs], cwd=self.folder, env=environment,
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        stderr = done.stderr.decode("utf-8", "replace")
        lines = [line for line in stderr.split("\n") if line.startswith("remote:")]
        said = [line.removeprefix("remote: ").removeprefix("remote:").rstrip() for line in lines]
        return Pushed(done.returncode == 0, "".join(f"{line}\n" for line in said if line), stderr)

    def submit(self, name: str, *, person: int = 1, team: str = "voxels") -> Pushed:
        self.tag(name)
        return self.push(f"submission/{name}", person=person, team=team)


@dataclass
class Deployment:
    """The platform's parts that a push meets."""

    platform: Platform
    dial: Dial
    socket: Path
    repository: Path
    new_clone: Callable[[], Clone]
    stop: Callable[[], None]

    def ensure_repository(self, team: str) -> Path:
        """Return where a team's repository lies, made when absent."""
        return ensure_repository(self.platform, team)

    def sweep(self) -> SweepReport:
        """Settle what was left behind, without any word of which pushes are running."""
        return sweep_platform(self.platform, embedded_repositories(self.platform))

    def set_limits(self, **limits: int | None) -> None:
        """Change the limits of the phase preliminary."""
        challenge = self.platform.challenge
        first, *others = challenge.phases
        changed = first.model_copy(update={"limits": first.limits.model_copy(update=limits)})
        phases = (changed, *others)
        self.platform = replace(
            self.platform, challenge=challenge.model_copy(update={"phases": phases})
        )

    def fail_next(self, class_: str = "participant") -> None:
        """Let a worker take the next submission and fail it."""
        lease = acquire(self.platform.database, "worker-1", self.dial())
        assert lease is not None
        fault = AttemptFault(class_, "exit-code", "exit code 1")  # type: ignore[arg-type]
        fail(self.platform.database, lease, fault, self.dial())


@pytest.fixture
def deployment(
    request: pytest.FixtureRequest, tmp_path: Path, noon: datetime
) -> Iterator[Deployment]:
    """Teams voxels (person 1) and pixels (person 2), person 3 revoked; the platform answers.

    A test that uses `where` runs on either database.
    """
    asked = "where" in request.fixturenames
    where = request.getfixturevalue("where") if asked else tmp_path / "platform.db"
    dial = Dial(noon)
    with (
        tempfile.TemporaryDirectory(prefix="dct-") as short,
        closing(open_database(where)) as database,
    ):
        database.ensure_schema()
        platform = Platform(
            challenge=Challenge.model_validate(CHALLENGE), project=tmp_path,
            state=StateFolder(tmp_path / "state"), database=database, clock=dial,
            addresses=embedded_addresses(Embedded(http=8123)),
        )  # fmt: skip
        _settle(platform, noon)
        path = Path(short) / "internal.sock"
        made = Deployment(
            platform, dial, path, ensure_repository(platform, "voxels"),
            lambda: _clone(tmp_path, made), lambda: None,
        )  # fmt: skip
        server = _Server(made)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            server.server_close()

        made.stop = stop
        try:
            yield made
        finally:
            stop()


@pytest.fixture
def front(deployment: Deployment) -> Iterator[Front]:
    """The real gateway before the team's repositories."""
    with gateway_before(lambda: deployment.platform, str(deployment.socket)) as made:
        yield made


@pytest.fixture
def clone(deployment: Deployment) -> Clone:
    """A clone of the team's empty repository."""
    return deployment.new_clone()


def _settle(platform: Platform, noon: datetime) -> None:
    receipt_key(platform.state)
    splits: tuple[Split, Split] = ("public", "private")
    with platform.database.write() as connection:
        for task, split in itertools.product(platform.challenge.tasks, splits):
            # Names are enough here: the platform's side never looks at the files.
            dataset = Dataset(task.id, split, dict.fromkeys(CASES, CaseDigests({}, {})))
            terms = terms_of(task, split, dataset.digest, platform.challenge.phases)
            keep_terms(connection, terms, dataset, noon)
            put_in_force(connection, terms, by="test", now=noon)
        for number, slug in ((1, "voxels"), (2, "pixels")):
            connection.execute(insert(teams).values(id=number, slug=slug, name=slug,
                                                    created_at=noon))  # fmt: skip
        for number, team, status in ((1, 1, "approved"), (2, 2, "approved"), (3, 1, "revoked")):
            name = f"person-{number}"
            add_person(connection, id=number, username=name, team_id=team, status=status)


def _clone(tmp_path: Path, deployment: Deployment) -> Clone:
    folder = Path(tempfile.mkdtemp(prefix="clone-", dir=tmp_path))
    made = Clone(folder, deployment.repository, {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_AUTHOR_DATE": "2027-06-15T10:00:00Z", "GIT_COMMITTER_DATE": "2027-06-15T10:00:00Z",
        "DIYCHALLENGE_SOCKET": str(deployment.socket),
    })  # fmt: skip
    made.git("init", "--quiet", "--initial-branch=main")
    return made


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The internal API as the running platform has it, as small as can be."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        super().__init__(str(deployment.socket), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        deployment = self.server.deployment
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answers = {
            "/hook/v2/pre-receive": answer_pre_receive,
            "/hook/v2/post-receive": answer_post_receive,
        }
        answer = answers[self.path](deployment.platform, body, deployment.dial())
        text = answer.text.encode()
        self.send_response(200 if answer.accept else 409)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def ready(clone: Clone) -> Clone:
    """A clone with a submission that is in order."""
    clone.commit({"submission.yaml": CODE, "predict.py": "print('hello')\n"})
    return clone
