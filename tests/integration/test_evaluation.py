"""Submissions go from `received` to `scored`: real ledger, real repositories, real sandbox."""

import gzip
import json
import math
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from sqlalchemy import insert, update

from blueprint.config.load import load
from blueprint.database.connection import open_sqlite
from blueprint.database.schema import people, submissions, teams
from blueprint.evaluate.engine import Job, Outcome, Probe
from blueprint.evaluate.runner import Worker, run_next
from blueprint.evaluate.sandbox.engine import ProcessSandbox
from blueprint.ledger import history, leases, moves
from blueprint.ledger.submissions import Submission, get
from blueprint.platform import Platform
from blueprint.state import StateFolder

NOW = datetime(2027, 6, 15, 12, 0, tzinfo=UTC)
SHAPE = (12, 12, 6)
# Anisotropic, and not the identity: spacing 1 x 1 x 2 mm.
AFFINE = np.array([[-1.0, 0, 0, 30], [0, 1.0, 0, -20], [0, 0, 2.0, 7], [0, 0, 0, 1]])
SECRET = "stolen-pixels-4711"

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
    cases: {{public: test}}
    metrics: [{{id: dice, labels: separate}}, {{id: hd95, worst: diagonal}}]
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

SKIP_CASE_2 = "    if case['id'] == 'case-02': continue\n"
LINK = """\
import os
os.mkdir("/output/case-01")
os.symlink("/input/case-01/t1.nii.gz", "/output/case-01/mask.nii.gz")
"""

LOOK_AROUND = """\
import os
print(sorted(os.listdir("/input")), os.listdir("/input/case-01"))
for path in {hidden}:
    try:
        open(path, "rb").close()
        print("was opened")
    except OSError:
        print("cannot be opened")
raise SystemExit(1)
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
        assert run_next(self.platform, self.engine, self.worker)
        return get(self.platform.database, number)

    def run_program(self, program: str) -> Submission:
        return self.run({"predict.py": program, "submission.yaml": "version: 1\n"})

    def log(self, submission: Submission) -> str:
        path = self.platform.state.logs / f"{submission.id}.log"
        return path.read_text("utf-8") if path.exists() else ""

    def values(self, submission: Submission) -> dict[tuple[str, str], tuple[float, str]]:
        rows = history.scores_of(self.platform.database, submission.id)
        return {(row.case_id, row.column): (row.value, row.flag) for row in rows}

    def states(self, submission: Submission) -> list[str]:
        return [
            event.to_state for event in history.events_of(self.platform.database, submission.id)
        ]


def make_platform(
    folder: Path, *, logs: str = "system", time_: str = "60 s", memory: str = "1 GiB",
    canary: int = 1,
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
    text = YAML.format(logs=logs, time=time_, memory=memory, canary=canary)
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
        connection.execute(
            insert(people).values(
                id=1, username="ada", email="a@b.org", name="Ada", password_hash="x", team_id=1,
                status="approved", answers={}, created_at=NOW,
            )
        )  # fmt: skip
    return Platform(load(project / "challenge.yaml"), project, state, database, lambda: NOW)


@pytest.fixture(scope="module")
def engine() -> ProcessSandbox:
    sandbox = ProcessSandbox()
    if not sandbox.probe().works:
        pytest.skip(f"no sandbox on this machine: {sandbox.probe().advice}")
    return sandbox


@pytest.fixture
def make_bench(tmp_path: Path, engine: ProcessSandbox) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        bench = Bench(make_platform(tmp_path, **settings), engine, Worker("w1"), tmp_path)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.worker.close()
        bench.platform.database.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


def test_a_perfect_program_gets_perfect_scores(bench: Bench) -> None:
    found = bench.run_program(GOOD)

    assert found.state == "scored", found.fault_message
    assert bench.states(found) == [
        "checked", "canary", "predicting", "predicted", "scoring", "scored",
    ]  # fmt: skip
    cases = ("case-01", "case-02", "case-03")
    assert bench.values(found) == {
        (case, column): (value, "ok")
        for case in cases
        for column, value in (("dice:1", 1.0), ("dice:2", 1.0), ("hd95", 0.0))
    }
    result = history.result_of(bench.platform.database, found.id)
    assert result is not None
    assert result.means == {"dice:1": 1.0, "dice:2": 1.0, "hd95": 0.0}
    assert result.run_s > 0
    assert result.score_s > 0


def test_nothing_is_left_but_the_validated_copies(bench: Bench) -> None:
    found = bench.run_program(GOOD)

    state = bench.platform.state
    assert not list(state.runs.iterdir())
    kept = state.predictions / str(found.id)
    assert sorted(str(p.relative_to(kept)) for p in kept.rglob("*") if p.is_file()) == [
        f"case-0{number}/mask.nii.gz" for number in (1, 2, 3)
    ]
    for path in state.inputs.rglob("*"):
        assert "mask" not in path.name
        assert "reference" not in path.name


def test_a_program_that_finds_one_label_scores_as_worked_out(bench: Bench) -> None:
    # Grey everywhere where the image is not 0: the white block becomes grey as well.
    found = bench.run_program(GOOD.replace("// 100", "> 0"))

    # Case 1: grey is 5 x 6 x 3 = 90 voxels less 2 x 2 x 3 = 12, so 78; found 90, shared 78.
    values = bench.values(found)
    assert values["case-01", "dice:1"] == (2 * 78 / (78 + 90), "ok")
    assert values["case-01", "dice:2"] == (0.0, "one-empty")
    assert values["case-01", "hd95"][1] == "one-empty"
    # White is missing: half of the mean is the diagonal, of 12 x 12 x 12 mm.
    assert values["case-01", "hd95"][0] >= math.hypot(12, 12, 12) / 2


def test_a_missing_case_gets_the_worst_score_and_is_named(bench: Bench) -> None:
    found = bench.run_program(GOOD.replace("    image =", SKIP_CASE_2 + "    image ="))

    assert found.state == "scored", found.fault_message
    values = bench.values(found)
    assert values["case-02", "dice:1"] == (0.0, "missing")
    assert values["case-02", "hd95"] == (math.hypot(12, 12, 12), "missing")
    assert values["case-01", "dice:1"] == (1.0, "ok")
    notes = [event.note for event in history.events_of(bench.platform.database, found.id)]
    assert "2 of 3 cases have a prediction; missing, so with the worst score: case-02." in notes


@pytest.mark.parametrize(
    ("program", "code", "says"),
    [
        ("raise SystemExit(3)", "exit-code", "ended with exit code 3 in the trial run on 1 case."),
        ("import os; os.kill(os.getpid(), 11)", "signal", "signal 11 (SIGSEGV"),
        ("pass", "output-missing", "No case has a prediction: each belongs in /output/<case>/"),
        (
            GOOD.replace("// 100).astype", "/ 0).astype").replace("uint8", "float32"),
            "output-invalid",
            "1 of 1 predictions cannot be scored: case-01/mask.nii.gz holds NaN",
        ),
        (
            GOOD.replace("image.affine", "numpy.eye(4)"),
            "output-invalid",
            "case-01/mask.nii.gz has another affine than the image",
        ),
        (
            GOOD.replace("// 100", "// 100 + 7"),
            "output-invalid",
            "case-01/mask.nii.gz holds a label that this task does not have; it has 0, 1, 2.",
        ),
        (LINK, "output-missing", "No case has a prediction"),
    ],
)
def test_what_a_program_does_wrong_is_its_participants_fault(
    bench: Bench, program: str, code: str, says: str
) -> None:
    found = bench.run_program(program)

    assert (found.state, found.fault_class, found.fault_code) == ("failed", "participant", code)
    assert found.fault_message is not None
    assert says in found.fault_message
    assert not found.refunded
    assert says in bench.log(found)


def test_a_fault_beyond_the_trial_cases_is_found_in_the_full_run(bench: Bench) -> None:
    late = "cases = json.load(open('/input/cases.json'))\nassert len(cases) == 1"
    found = bench.run_program("import json\n" + late + "\n" + GOOD)

    assert found.fault_message is not None
    assert "ended with exit code 1 in the full run on 3 cases." in found.fault_message
    assert "canary" in bench.states(found)


def test_a_program_that_never_ends_is_stopped_at_its_time(
    make_bench: Callable[..., Bench],
) -> None:
    found = make_bench(time_="1 s").run_program("import time\ntime.sleep(600)")

    assert (found.fault_class, found.fault_code) == ("participant", "timeout")
    assert found.fault_message is not None
    assert "was still running after 1 s and was stopped" in found.fault_message


def test_a_program_that_takes_too_much_memory_is_told_so(
    make_bench: Callable[..., Bench],
) -> None:
    hungry = "x = []\nwhile True: x.append(bytearray(b'x' * 2**22))"
    found = make_bench(memory="128 MiB").run_program(hungry)

    assert (found.fault_class, found.fault_code) == ("participant", "memory")
    assert found.fault_message is not None
    assert "used more than 128 MiB of memory and was stopped" in found.fault_message


def test_what_a_program_prints_stays_hidden_unless_the_phase_shows_it(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(logs="system")
    leak = f"open('/output/{SECRET}', 'w')\nprint('{SECRET}')\nraise SystemExit('{SECRET}')"

    found = bench.run_program(leak)

    events = history.events_of(bench.platform.database, found.id)
    assert SECRET not in bench.log(found)
    assert SECRET not in str(found.fault_message)
    assert not [event for event in events if SECRET in event.note]
    assert "the trial run on 1 case: ended with exit code 1 after" in bench.log(found)


def test_names_of_files_that_a_program_made_up_stay_hidden_too(bench: Bench) -> None:
    found = bench.run_program(GOOD + f"open('/output/{SECRET}', 'w')\n")

    assert found.state == "scored", found.fault_message
    events = history.events_of(bench.platform.database, found.id)
    assert "1 other file was found and ignored." in str([event.note for event in events])
    assert SECRET not in str(events) + bench.log(found)


def test_where_the_phase_shows_output_it_is_shown_harmless(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(logs="own")

    found = bench.run_program("print('\\x1b[31mhello\\x07')\nraise SystemExit(1)")

    assert "hello" in bench.log(found)
    assert "\x1b" not in bench.log(found)
    assert "\x07" not in bench.log(found)


def test_a_phase_without_logs_has_none(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(logs="none")

    assert bench.log(bench.run_program("raise SystemExit(1)")) == ""


def test_a_phase_without_a_trial_runs_once(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(canary=0)

    assert "canary" not in bench.states(bench.run_program(GOOD))


def test_a_program_sees_inputs_and_no_reference(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(logs="own", canary=0)
    hidden = [
        str(bench.platform.project / "test/reference/case-01/mask.nii.gz"),
        str(bench.platform.state.database),
        str(bench.platform.state.git / "alpha.git/config"),
    ]

    log = bench.log(bench.run_program(LOOK_AROUND.format(hidden=hidden)))

    assert "['case-01', 'case-02', 'case-03', 'cases.json'] ['t1.nii.gz']" in log
    assert log.count("cannot be opened") == len(hidden)
    assert "was opened" not in log


def test_pushed_predictions_are_scored_without_a_run(bench: Bench) -> None:
    files: dict[str, str | bytes] = {
        f"predictions/case-0{number}/mask.nii.gz": nifti(labels_of(number)) for number in (1, 2, 3)
    }

    found = bench.run({**files, "submission.yaml": "version: 1\n"}, kind="predictions")

    assert found.state == "scored", found.fault_message
    assert bench.states(found) == ["checked", "predicted", "scoring", "scored"]
    assert {value for value, _ in bench.values(found).values()} == {0.0, 1.0}


def test_nan_in_pushed_predictions_is_a_verdict(bench: Bench) -> None:
    data = labels_of(1).astype("f4")
    data[0, 0, 0] = np.nan

    found = bench.run({"predictions/case-01/mask.nii.gz": nifti(data)}, kind="predictions")

    assert (found.state, found.fault_class) == ("failed", "participant")
    assert found.fault_message == (
        "1 of 3 predictions cannot be scored: case-01/mask.nii.gz holds NaN (not a number): "
        "every voxel needs a label."
    )


def test_predictions_under_other_names_are_listed(bench: Bench) -> None:
    content = nifti(labels_of(1))

    found = bench.run({"predictions/case-01/seg.nii.gz": content}, kind="predictions")

    assert found.fault_message == (
        "No case has a prediction: each belongs in predictions/<case>/mask.nii.gz. "
        "1 other file was found and ignored: case-01/seg.nii.gz."
    )


def test_a_broken_reference_is_the_organizers_fault_and_names_nothing(bench: Bench) -> None:
    (bench.platform.project / "test/reference/case-02/mask.nii.gz").write_bytes(b"broken")

    found = bench.run_program(GOOD)

    assert (found.state, found.fault_class, found.fault_code) == (
        "failed", "organizer", "test-data",
    )  # fmt: skip
    assert found.refunded
    assert found.fault_message is not None
    assert "not your fault" in found.fault_message
    assert "reference" not in found.fault_message


def test_missing_test_data_is_the_organizers_fault(bench: Bench) -> None:
    (bench.platform.project / "test/reference/case-02/mask.nii.gz").unlink()

    assert bench.run_program(GOOD).fault_class == "organizer"


class BrokenEngine:
    """An engine that never works: a fake at the port."""

    name = "process"

    def probe(self) -> Probe:
        return Probe(True, "none", (), (), "")

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> Outcome:  # noqa: ARG002
        return Outcome("engine-error", None, None, 0.0, 0.0, b"", f"no {job.inputs}")


def test_a_fault_of_the_platform_is_tried_again_and_then_refunded(bench: Bench) -> None:
    number = bench.push({"predict.py": GOOD})
    moments = iter(NOW + timedelta(hours=n) for n in range(1000))
    platform = replace(bench.platform, clock=lambda: next(moments))

    tries = 0
    while run_next(platform, BrokenEngine(), bench.worker):
        tries += 1

    found = get(platform.database, number)
    assert tries == 4
    assert (found.state, found.fault_class, found.refunded) == ("failed", "platform", True)
    assert str(platform.state.root) not in str(found.fault_message)


def test_a_fault_of_the_platform_that_passes_costs_nothing(bench: Bench) -> None:
    number = bench.push({"predict.py": GOOD})
    moments = iter(NOW + timedelta(hours=n) for n in range(1000))
    platform = replace(bench.platform, clock=lambda: next(moments))

    run_next(platform, BrokenEngine(), bench.worker)
    run_next(platform, bench.engine, bench.worker)

    assert get(platform.database, number).state == "scored"
    attempts = history.attempts_of(platform.database, number)
    assert [attempt.outcome for attempt in attempts] == ["retried", "scored"]


def run_in_a_thread(bench: Bench) -> threading.Thread:
    thread = threading.Thread(target=run_next, args=(bench.platform, bench.engine, bench.worker))
    thread.start()
    return thread


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_running_submission_can_be_cancelled(bench: Bench) -> None:
    number = bench.push({"predict.py": "import time\ntime.sleep(600)"})
    thread = run_in_a_thread(bench)
    wait_until(lambda: get(bench.platform.database, number).state == "canary")

    moves.request_cancel(bench.platform.database, number, "organizer", NOW)

    thread.join(timeout=30)
    assert not thread.is_alive()
    assert get(bench.platform.database, number).state == "cancelled"
    assert not list(bench.platform.state.runs.iterdir())


def test_when_the_platform_stops_the_attempt_is_left_for_the_next_start(bench: Bench) -> None:
    number = bench.push({"predict.py": "import time\ntime.sleep(600)"})
    thread = run_in_a_thread(bench)
    wait_until(lambda: get(bench.platform.database, number).state == "canary")

    bench.worker.stopping.set()

    thread.join(timeout=30)
    assert not thread.is_alive()
    found = get(bench.platform.database, number)
    assert (found.state, found.fault_class, found.worker) == ("canary", None, "w1")
    assert not run_next(bench.platform, bench.engine, bench.worker)


def test_a_worker_that_lost_its_lease_changes_nothing(bench: Bench) -> None:
    number = bench.push({"predict.py": "import time\ntime.sleep(600)"})
    thread = run_in_a_thread(bench)
    wait_until(lambda: get(bench.platform.database, number).state == "canary")

    with bench.platform.database.write() as connection:  # as another worker's lease does
        row = submissions.c.id == number
        connection.execute(update(submissions).where(row).values(token=99, worker="w2"))

    thread.join(timeout=30)
    assert not thread.is_alive()
    found = get(bench.platform.database, number)
    assert (found.state, found.token, found.worker, found.fault_class) == ("canary", 99, "w2", None)


def test_what_a_killed_attempt_left_behind_is_cleared_and_scored_once(bench: Bench) -> None:
    number = bench.push({"predict.py": GOOD})
    for left in (bench.platform.state.runs, bench.platform.state.predictions):
        (left / str(number) / "1" / "code").mkdir(parents=True)
        (left / str(number) / "1" / "code" / "half.nii.gz").write_bytes(b"half")

    assert run_next(bench.platform, bench.engine, bench.worker)

    assert get(bench.platform.database, number).state == "scored"
    assert not list(bench.platform.state.predictions.rglob("half.nii.gz"))
    assert not run_next(bench.platform, bench.engine, bench.worker)


def test_nothing_waits_nothing_happens(bench: Bench) -> None:
    assert not run_next(bench.platform, bench.engine, bench.worker)
    assert leases.acquire(bench.platform.database, "w", NOW) is None


def test_the_seed_comes_from_the_commit(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(logs="own", canary=0)

    found = bench.run_program(
        "import os, json\nprint(json.dumps({'seed': os.environ['DIYCHALLENGE_SEED']}))\nexit(1)"
    )

    said = next(line for line in bench.log(found).splitlines() if line.startswith("{"))
    assert json.loads(said)["seed"] == str(int(found.commit_sha[:8], 16))
