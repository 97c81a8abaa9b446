"""A platform with one team, cases as small as can be, and programs that a team might push."""

import gzip
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from sqlalchemy import insert

from blueprint.config.load import load
from blueprint.database.connection import open_sqlite
from blueprint.database.schema import submissions, teams
from blueprint.evaluate.engine import Engine
from blueprint.evaluate.runner import Worker, run_next
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.ledger import history
from blueprint.ledger.submissions import Submission, get
from blueprint.platform import Platform
from blueprint.serve.workshop import embedded_workshop
from blueprint.state import StateFolder
from tests.local_addresses import LOCAL
from tests.people import add_person

NOW = datetime(2027, 6, 15, 12, 0, tzinfo=UTC)
SHAPE = (12, 12, 6)
# Anisotropic, and not the identity: spacing 1 x 1 x 2 mm.
AFFINE = np.array([[-1.0, 0, 0, 30], [0, 1.0, 0, -20], [0, 0, 2.0, 7], [0, 0, 0, 1]])

YAML = """\
version: 1
challenge: {{id: tissue, title: Tissue, contact: a@example.org}}
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {{t1: image}}
    outputs: {{mask: segmentation}}
    labels: {{1: grey, 2: white}}
    regions: {regions}
    ignore: {ignore}
    cases: {{public: test}}
    metrics: {metrics}
phases:
  - id: first
    tasks: [tissue]
    opens: 2027-06-01
    closes: 2027-07-01
    submission: [code, predictions]
    limits: {{concurrent: 9}}
    resources: {{cpus: 1, memory: {memory}, time: {time}, output: 8 MiB}}
    canary_cases: {canary}
    feedback: {{logs: {logs}}}
"""

# The image holds each voxel's label times 100: dividing finds it again.
GOOD = """\
import json, pathlib
import nibabel, numpy
for case in json.load(open("/input/cases.json")):
    image = nibabel.load("/input/" + case["files"]["t1"])
    mask = (numpy.asarray(image.dataobj) // 100).astype("uint8")
    folder = pathlib.Path("/output", case["id"])
    folder.mkdir()
    nibabel.save(nibabel.Nifti1Image(mask, image.affine), folder / "mask.nii.gz")
"""


def labels_of(case: int) -> "np.ndarray[Any, Any]":
    labels = np.zeros(SHAPE, dtype="u1")
    labels[2 : 6 + case, 2:8, 1:4] = 1
    labels[4:6, 4:6, 1:4] = 2
    return labels


def nifti(data: "np.ndarray[Any, Any]", affine: "np.ndarray[Any, Any]" = AFFINE) -> bytes:
    kind: Any = nibabel.Nifti1Image
    return gzip.compress(kind(data, affine).to_bytes(), mtime=0)


@dataclass
class Bench:
    """A platform with one team, and what a test needs to push and to run."""

    platform: Platform
    engine: ProcessSandbox
    worker: Worker
    scratch: Path
    pushed: int = 0

    def push(self, files: dict[str, str | bytes], kind: str = "code") -> int:
        """Commit files to the team's repository and enter the submission in the ledger."""
        self.pushed += 1
        folder = self.scratch / f"clone-{self.pushed}"
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        bare = self.platform.state.git / "alpha.git"
        for argv in (
            ["init", "-q", "-b", "main"],
            ["add", "-A"],
            ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x", "--allow-empty"],
            ["push", "-q", str(bare), f"HEAD:refs/tags/submission/{self.pushed}"],
        ):
            subprocess.run(["git", *argv], cwd=folder, check=True, timeout=30)
        head = ["git", "rev-parse", "HEAD"]
        commit = subprocess.run(head, cwd=folder, check=True, capture_output=True, text=True)
        return self.enter(commit.stdout.strip(), kind)

    def enter(self, commit: str, kind: str) -> int:
        manifest = {"version": 1, "task": "tissue", "kind": kind, "run": ["python", "predict.py"]}
        row = {
            "challenge": "tissue", "phase": "first", "task": "tissue", "team_id": 1,
            "person_id": 1, "commit_sha": commit, "tag": f"refs/tags/submission/{self.pushed}",
            "kind": kind, "manifest": manifest, "nonce": "n", "state": "received",
            "state_since": NOW, "note": "", "received_at": NOW, "confirmed_at": NOW,
            "receipt": {},
        }  # fmt: skip
        with self.platform.database.write() as connection:
            key = connection.execute(insert(submissions).values(row)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def run(self, files: dict[str, str | bytes], kind: str = "code") -> Submission:
        """Push, evaluate, and return the submission as it is then."""
        number = self.push(files, kind)
        assert self.run_next()
        return get(self.platform.database, number)

    def run_next(self, engine: Engine | None = None, platform: Platform | None = None) -> bool:
        """Let the worker take what waits longest."""
        workshop = embedded_workshop(platform or self.platform, engine or self.engine)
        return run_next(workshop, self.worker)

    def later(self, seconds: float) -> None:
        """Let time pass."""
        now = self.platform.clock() + timedelta(seconds=seconds)
        self.platform = replace(self.platform, clock=lambda: now)

    def edit_task(self, **changes: Any) -> None:
        """Put an edited task into force, as a deploy of an edited challenge.yaml does."""
        challenge = self.platform.challenge
        (task,) = challenge.tasks
        known = {name: getattr(task, name) for name in type(task).model_fields}
        edited = type(task).model_validate({**known, **changes})
        challenge = challenge.model_copy(update={"tasks": (edited,)})
        self.platform = replace(self.platform, challenge=challenge)

    def edit_phases(self, *phases: dict[str, Any]) -> None:
        """Put edited phases into force; each holds what is not as in the first one."""
        challenge = self.platform.challenge
        first, *_ = challenge.phases
        known = {name: getattr(first, name) for name in type(first).model_fields}
        edited = tuple(type(first).model_validate({**known, **one}) for one in phases)
        challenge = challenge.model_copy(update={"phases": edited})
        self.platform = replace(self.platform, challenge=challenge)

    def run_program(self, program: str) -> Submission:
        return self.run({"predict.py": program, "submission.yaml": "version: 1\n"})

    def log(self, submission: Submission) -> str:
        path = self.platform.state.logs / f"{submission.id}.log"
        return path.read_text("utf-8") if path.exists() else ""

    def values(self, submission: Submission) -> dict[tuple[str, str, str], tuple[float, str]]:
        rows = history.scores_of(self.platform.database, submission.id)
        return {(row.case_id, row.metric, row.region): (row.value, row.flag) for row in rows}

    def states(self, submission: Submission) -> list[str]:
        return [
            event.to_state for event in history.events_of(self.platform.database, submission.id)
        ]


def make_platform(
    folder: Path, *, logs: str = "system", time_: str = "60 s", memory: str = "1 GiB",
    canary: int = 1, ignore: str = "[]", regions: str = "{}",
    metrics: str = "[{id: dice, labels: separate}, {id: hd95, worst: diagonal}]",
) -> Platform:  # fmt: skip
    project = folder / "project"
    for number in (1, 2, 3):
        labels = labels_of(number)
        for path, data in (
            (f"inputs/case-0{number}/t1.nii.gz", labels.astype("i2") * 100),
            (f"reference/case-0{number}/mask.nii.gz", labels),
        ):
            (project / "test" / path).parent.mkdir(parents=True)
            (project / "test" / path).write_bytes(nifti(data))
    text = YAML.format(
        logs=logs,
        time=time_,
        memory=memory,
        canary=canary,
        regions=regions,
        ignore=ignore,
        metrics=metrics,
    )
    (project / "challenge.yaml").write_text(text)
    state = StateFolder(folder / "state")
    state.root.mkdir(mode=0o700)
    state.git.mkdir()
    bare = state.git / "alpha.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True, timeout=30)
    database = open_sqlite(state.database)
    database.ensure_schema()
    with database.write() as connection:
        connection.execute(insert(teams).values(id=1, slug="alpha", name="A", created_at=NOW))
        add_person(connection, id=1, team_id=1, created_at=NOW)
    return Platform(load(project / "challenge.yaml"), project, state, database, lambda: NOW, LOCAL)
