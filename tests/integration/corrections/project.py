"""A challenge with tiny cases on one grid, so that a reference fits any of them."""

import gzip
import socket
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nibabel
import numpy as np

from tests.integration.recovery.commands import Commands
from tests.integration.recovery.observed import Observed
from tests.integration.recovery.team import Team

SHAPE = (10, 10, 4)
AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])
CASES = ("case-01", "case-02", "case-03", "case-04")
YAML = """\
version: 1
challenge: {{id: tissue, title: Tissue, contact: a@example.org, pages: pages}}
embedded: {{http: {http}, sftp: {sftp}}}
people:
  agreements: [{{id: data-use, version: 1, page: agreement.md}}]
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {{t1: image}}
    outputs: {{mask: segmentation}}
    labels: {{1: grey, 2: white}}
    cases: {{public: data/test}}
    metrics: [{{id: dice}}, {{id: hd95, worst: diagonal}}]
phases:
  - id: first
    tasks: [tissue]
    opens: {opens}
    closes: {closes}
    submission: [code, predictions]
    limits: {{per_day: 100, concurrent: 50}}
    resources: {{cpus: 1, memory: 512 MiB, time: 60 s, output: 8 MiB}}
    canary_cases: 0
"""
# The image holds each voxel's label times 100.
PROGRAM = """\
import gzip, json, pathlib
for case in json.loads(pathlib.Path("/input/cases.json").read_text()):
    image = gzip.decompress(pathlib.Path("/input", case["files"]["t1"]).read_bytes())
    mask = image[:352] + bytes(voxel // 100 for voxel in image[352:])
    folder = pathlib.Path("/output", case["id"])
    folder.mkdir()
    (folder / "mask.nii.gz").write_bytes(gzip.compress(mask))
"""
MANIFEST = "version: 1\ntask: tissue\nkind: {kind}\n"


def labels_of(number: int) -> "np.ndarray[Any, Any]":
    """Return two blocks: grey of (2 + number) x 4 x 2 voxels, white of 2 x 2 x 2 beside it."""
    labels = np.zeros(SHAPE, dtype="u1")
    labels[1 : 3 + number, 1:5, 0:2] = 1
    labels[6:8, 6:8, 0:2] = 2
    return labels


def nifti(data: "np.ndarray[Any, Any]") -> bytes:
    kind: Any = nibabel.Nifti1Image
    return gzip.compress(kind(data, AFFINE).to_bytes(), mtime=0)


def make_project(folder: Path, temp: Path) -> "Project":
    """Write the challenge, which nobody has deployed yet."""
    for number, case in enumerate(CASES, start=1):
        labels = labels_of(number)
        for part, name, data in (("inputs", "t1", labels * 100), ("reference", "mask", labels)):
            path = folder / "data/test" / part / case / f"{name}.nii.gz"
            path.parent.mkdir(parents=True)
            path.write_bytes(nifti(data))
    (folder / "pages").mkdir()
    (folder / "pages/index.md").write_text("# Tissue\n")
    (folder / "pages/agreement.md").write_text("# Terms\n")
    with ExitStack() as probes:
        taken = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        http, sftp = (int(probe.getsockname()[1]) for probe in taken)
    today = datetime.now(UTC).date()
    text = YAML.format(
        http=http, sftp=sftp, opens=today - timedelta(days=2), closes=today + timedelta(days=30)
    )
    (folder / "challenge.yaml").write_text(text)
    return Project(folder, http, sftp, temp)


class Project(Observed):
    """The challenge, its commands, and what an organizer does to its data."""

    def reference(self, case: str) -> Path:
        return self.folder / "data/test/reference" / case / "mask.nii.gz"

    def image(self, case: str) -> Path:
        return self.folder / "data/test/inputs" / case / "t1.nii.gz"

    def swap_references(self, one: str, other: str) -> None:
        """Put each of two references in the other's place: both files keep shape and size."""
        first, second = self.reference(one).read_bytes(), self.reference(other).read_bytes()
        self.reference(one).write_bytes(second)
        self.reference(other).write_bytes(first)

    def edit(self, before: str, after: str) -> None:
        file = self.folder / "challenge.yaml"
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after, 1))

    def say(self, *words: str, code: int = 0) -> str:
        """Run a command and return all that it printed."""
        done = self.cli(*words)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def board(self) -> dict[str, dict[str, Any]]:
        """Return the rows of the published leaderboard by team."""
        document = self.ask("leaderboard", "show")
        (board,) = document["boards"]
        return {row["team"]: row for row in board["rows"]}

    def dice(self) -> dict[str, float]:
        """Return the mean Dice of every team on the board."""
        return {
            team: score["mean"]
            for team, row in self.board().items()
            for score in row["scores"]
            if score["metric"] == "dice"
        }

    def judged(self, number: int) -> None:
        self.wait_state(number, "published")


def push_program(team: Team, name: str = "1", program: str = PROGRAM) -> int:
    """Push code as a submission and return its number."""
    manifest = MANIFEST.format(kind="code") + "run: [python, predict.py]\n"
    return push(team, {"submission.yaml": manifest.encode(), "predict.py": program.encode()}, name)


def push_predictions(team: Team, masks: "dict[str, np.ndarray[Any, Any]]", name: str = "1") -> int:
    """Push masks by case as a submission and return its number."""
    files = {f"predictions/{case}/mask.nii.gz": nifti(mask) for case, mask in masks.items()}
    manifest = MANIFEST.format(kind="predictions").encode()
    return push(team, {"submission.yaml": manifest, **files}, name)


def push(team: Team, files: dict[str, bytes], name: str) -> int:
    for path, content in files.items():
        (team.work / path).parent.mkdir(parents=True, exist_ok=True)
        (team.work / path).write_bytes(content)
    words = [["init", "-q", "-b", "main"]] if not (team.work / ".git").is_dir() else []
    for command in (*words, ["add", "-A"], ["commit", "-q", "-m", name, "--allow-empty"]):
        done = team.git(*command)
        assert done.returncode == 0, done.stderr
    pushed = team.git("push", team.remote, f"HEAD:refs/tags/submission/{name}")
    assert pushed.returncode == 0, pushed.stderr
    found = [word for word in pushed.stderr.split("submission ")[1:] if word[:1].isdigit()]
    assert found, pushed.stderr
    return int("".join(sign for sign in found[0].split()[0] if sign.isdigit()))


__all__ = ["AFFINE", "CASES", "Commands", "Project", "labels_of", "make_project", "nifti"]
