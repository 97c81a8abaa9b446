"""How long the site takes to be built again from a database of 1,000 submissions."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from benchmarks.measure import Figure, median, timed
from blueprint.config.load import load
from blueprint.config.model import Challenge
from blueprint.config.scaffold import Answers
from blueprint.database import schema
from blueprint.database.connection import open_sqlite
from blueprint.evaluations.datasets import Dataset
from blueprint.evaluations.sets import keep_terms, put_in_force
from blueprint.evaluations.terms import terms_of
from blueprint.scaffold.starter import scaffold_challenge
from blueprint.state import StateFolder

_TEAMS, _EACH, _CASES = 40, 25, 12
_NOW = datetime(2027, 6, 15, 12, tzinfo=UTC)
_RUNS = 5
_SEED = 7
_METRICS = ("dice", "hd95")


def measure() -> Iterable[Figure]:
    """Yield the median over five rebuilds, interpreter start included, and that start alone."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "challenge"
        scaffold_challenge(project, Answers("bench", "Bench", "bench@example.org"), _NOW)
        state = _deployed(project)
        database = open_sqlite(state.database)
        database.ensure_schema()
        with database.write() as connection:
            _fill(connection, load(project / "challenge.yaml"))
        database.close()
        argv = [sys.executable, "-m", "blueprint.publish.job", "--state", str(state.root)]
        start = [sys.executable, "-c", "import blueprint.publish.site"]
        rebuilds, starts = [], []
        for _ in range(_RUNS + 1):
            shutil.rmtree(state.root / "site", ignore_errors=True)
            rebuilds.append(timed(lambda: _run(argv)))
            starts.append(timed(lambda: _run(start)))
    yield Figure(
        f"leaderboard of {_TEAMS * _EACH:,} submissions x {_CASES} cases rebuilt",
        median(rebuilds[1:]), "s", aim=2.0, beside={"imports alone": median(starts[1:])},
    )  # fmt: skip


def _run(argv: list[str]) -> None:
    subprocess.run(argv, check=True, capture_output=True)


def _deployed(project: Path) -> StateFolder:
    """Return a state folder in which a deploy seems to have happened: nothing runs."""
    state = StateFolder(project / ".diychallenge")
    state.root.mkdir()
    state.deployed.write_text(json.dumps({"project": str(project)}), encoding="utf-8")
    shutil.copy(project / "challenge.yaml", state.challenge_file)
    return state


def _fill(connection: Connection, challenge: Challenge) -> None:
    """Insert teams with submissions whose scores a seeded generator draws."""
    generator = np.random.default_rng(_SEED)
    connection.execute(schema.teams.insert(), [
        {"id": team, "slug": f"team-{team}", "name": f"Team {team}", "created_at": _NOW}
        for team in range(1, _TEAMS + 1)
    ])  # fmt: skip
    connection.execute(schema.accounts.insert(), [
        {"id": team, "issuer": "local", "subject": f"p{team}", "username": f"p{team}",
         "email": f"p{team}@example.org", "created_at": _NOW}
        for team in range(1, _TEAMS + 1)
    ])  # fmt: skip
    numbers = range(1, _TEAMS * _EACH + 1)
    connection.execute(schema.submissions.insert(), [_submission(number) for number in numbers])
    dataset = Dataset("tissue", "public", {})
    terms = terms_of(challenge.task("tissue"), "public", dataset.digest, challenge.phases)
    keep_terms(connection, terms, dataset, _NOW)
    put_in_force(connection, terms, by="bench", now=_NOW)
    connection.execute(schema.evaluations.insert(), [
        {"id": number, "submission_id": number, "kind": "judge", "state": "done",
         "dataset_digest": terms.dataset_digest, "evaluator_digest": terms.evaluator_digest,
         "kept": str(number), "recorded_at": _NOW, "run_s": 1.0, "score_s": 1.0, "means": []}
        for number in numbers
    ])  # fmt: skip
    drawn = generator.uniform(0.5, 1.0, size=(len(numbers), _CASES, len(_METRICS)))
    connection.execute(schema.scores.insert(), [
        {"evaluation_id": number, "case_id": f"case-{case:02d}", "metric": metric,
         "region": "mean", "value": float(drawn[number - 1, case, index]), "flag": "ok"}
        for number in numbers for case in range(_CASES) for index, metric in enumerate(_METRICS)
    ])  # fmt: skip


def _submission(number: int) -> dict[str, object]:
    team = (number - 1) % _TEAMS + 1
    received = _NOW + timedelta(minutes=number)
    return {
        "id": number, "challenge": "bench", "phase": "preliminary", "task": "tissue",
        "team_id": team, "person_id": team, "commit_sha": f"{number:040x}",
        "tag": f"refs/tags/submission/{number}", "kind": "code", "manifest": {}, "nonce": "-",
        "state": "published", "state_since": received, "received_at": received, "receipt": {},
    }  # fmt: skip
