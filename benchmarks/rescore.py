"""How long 100 submissions x 12 cases take to be scored again from their kept predictions."""

import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from sqlalchemy import insert

from benchmarks.measure import Figure, timed
from blueprint.database.schema import accounts, evaluations, scores, submissions, teams
from blueprint.demo.organizer import Organizer, free_ports
from blueprint.evaluations.sets import sets_in_force
from blueprint.platform import Platform, open_platform
from blueprint.state import StateFolder

_SUBMISSIONS, _CASES, _TEAMS = 100, 12, 10
_SHAPE = (64, 64, 32)
_PUBLIC = "data/test-public"
_TASK, _PHASE = "tissue", "preliminary"


def measure() -> Iterable[Figure]:
    """Yield how long the command takes, a running platform's workers doing the work."""
    with tempfile.TemporaryDirectory() as name:
        organizer = _project(Path(name))
        try:
            organizer.command("deploy")
            _submit(organizer)
            _swap(organizer.folder / _PUBLIC / "reference")
            begin_s = timed(lambda: organizer.command("rescore", "--dry-run"))
            again_s = timed(lambda: organizer.command("rescore"))
            done = json.loads(organizer.command("corrections", "list", "--json"))["corrections"]
            assert [one["state"] for one in done if one["split"] == "public"][-1] == "pending"
            show_s = timed(lambda: organizer.command("corrections", "show"))
            publish_s = timed(
                lambda: organizer.command("corrections", "publish", "--yes", "--reason", "Bench.")
            )
            _demand_all_done(organizer)
        finally:
            organizer.command("down")
    what = f"{_SUBMISSIONS} submissions x {_CASES} cases"
    workers = float(os.cpu_count() or 1)
    yield Figure(f"rescore of {what}", again_s, "s", beside={"dry run": begin_s})
    yield Figure(
        "rescore, one case on one core (both metrics)",
        again_s * workers / (_SUBMISSIONS * _CASES), "s",
    )  # fmt: skip
    yield Figure("correction shown", show_s, "s")
    yield Figure("correction published, site included", publish_s, "s")


def _project(folder: Path) -> Organizer:
    http, sftp = free_ports(2)
    ports = ("--http-port", str(http), "--sftp-port", str(sftp))
    Organizer(folder).command("init", "challenge", "--yes", *ports)
    organizer = Organizer(folder / "challenge")
    for part in ("inputs", "reference"):
        shutil.rmtree(organizer.folder / _PUBLIC / part)
    for number in range(_CASES):
        case = f"case-{number:02d}"
        _write(organizer.folder / _PUBLIC / "inputs" / case / "t1.nii.gz", _mask(number) * 80)
        _write(organizer.folder / _PUBLIC / "reference" / case / "mask.nii.gz", _mask(number))
    return organizer


def _submit(organizer: Organizer) -> None:
    """Put submissions, their results and their kept predictions where a platform keeps them."""
    platform = open_platform(StateFolder(organizer.folder / ".diychallenge"))
    with platform.database.read() as connection:
        terms = sets_in_force(connection)[_TASK, "public"].terms
    made = [_nifti(_mask(number, shift=1)) for number in range(_CASES)]
    for submission in range(1, _SUBMISSIONS + 1):
        for number in range(_CASES):
            path = platform.state.predictions / str(submission) / f"case-{number:02d}/mask.nii.gz"
            path.parent.mkdir(parents=True)
            path.write_bytes(made[number])
    _rows(platform, terms.dataset_digest, terms.evaluator_digest)
    platform.database.close()


def _rows(platform: Platform, dataset: str, evaluator: str) -> None:
    now = platform.clock()
    numbers = range(1, _SUBMISSIONS + 1)
    with platform.database.write() as connection:
        connection.execute(insert(teams), [
            {"id": team, "slug": f"team-{team}", "name": f"Team {team}", "created_at": now}
            for team in range(1, _TEAMS + 1)
        ])  # fmt: skip
        connection.execute(insert(accounts).values(
            id=1, issuer="here", subject="p1", username="p1", email="p1@example.org",
            created_at=now,
        ))  # fmt: skip
        connection.execute(insert(submissions), [
            {"id": number, "challenge": platform.challenge.challenge.id, "phase": _PHASE,
             "task": _TASK, "team_id": number % _TEAMS + 1, "person_id": 1,
             "commit_sha": f"{number:040x}", "tag": f"refs/tags/submission/{number}",
             "kind": "predictions", "manifest": {}, "nonce": "-", "state": "published",
             "state_since": now, "received_at": now, "confirmed_at": now, "receipt": {}}
            for number in numbers
        ])  # fmt: skip
        connection.execute(insert(evaluations), [
            {"id": number, "submission_id": number, "dataset_digest": dataset,
             "evaluator_digest": evaluator, "kind": "judge", "state": "done",
             "kept": str(number), "recorded_at": now, "run_s": 1.0, "score_s": 1.0, "means": []}
            for number in numbers
        ])  # fmt: skip
        connection.execute(insert(scores), [
            {"evaluation_id": number, "case_id": f"case-{case:02d}", "metric": metric,
             "region": "mean", "value": 0.5, "flag": "ok"}
            for number in numbers for case in range(_CASES) for metric in ("dice", "hd95")
        ])  # fmt: skip


def _swap(references: Path) -> None:
    one, other = (references / f"case-0{number}/mask.nii.gz" for number in (1, 2))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def _mask(number: int, *, shift: int = 0) -> "np.ndarray[Any, Any]":
    """Return a grey ball with a white one in it, of a size of its own, a little to the side."""
    grid = np.indices(_SHAPE, dtype="f4")
    middle = np.array(_SHAPE).reshape(3, 1, 1, 1) / 2 + shift
    distance = np.sqrt(((grid - middle) ** 2).sum(axis=0))
    mask: np.ndarray[Any, Any] = ((distance < 12 + number / 4) * 1 + (distance < 7)).astype("u1")
    return mask


def _write(path: Path, data: "np.ndarray[Any, Any]") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_nifti(data))


def _nifti(data: "np.ndarray[Any, Any]") -> bytes:
    kind: Any = nibabel.Nifti1Image
    return gzip.compress(kind(data, np.eye(4)).to_bytes(), mtime=0)


def _demand_all_done(organizer: Organizer) -> None:
    shown = organizer.ask("submissions", "show", "7")
    result = shown["result"]
    assert isinstance(result, dict)
    assert result["kind"] == "rescore"
