"""A real embedded platform under 50 pushes: deploy, memory, answers, overhead."""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Figure, median, percentile, timed
from blueprint.clock import monotonic_s
from blueprint.demo.cast import ANNA
from blueprint.demo.organizer import Organizer, free_ports
from blueprint.demo.participant import Participant
from blueprint.deploy.locate import state_of

_PUSHES = 50
_NOTHING = """\
import json, pathlib, shutil
for case in json.loads(pathlib.Path("/input/cases.json").read_text()):
    folder = pathlib.Path("/output") / case["id"]
    folder.mkdir()
    shutil.copy(pathlib.Path("masks") / case["id"], folder / "mask.nii.gz")
"""
_SUBMISSION = "version: 1\ntask: tissue\nkind: code\nrun: [python, predict.py]\n"


def measure() -> Iterable[Figure]:
    """Yield the figures of one deployment, from its start to its 50th published rank."""
    with tempfile.TemporaryDirectory() as name, deployed(Path(name)) as (organizer, url, ready_s):
        yield Figure("deploy until ready (interpreter start included)", ready_s, "s", aim=5.0)
        yield Figure("memory of the idle platform", _memory_mib(organizer), "MiB", aim=150.0)
        with approved(organizer, url, Path(name)) as anna:
            yield from _pushes(organizer, anna, Path(name))


@contextmanager
def approved(organizer: Organizer, url: str, folder: Path) -> Iterator[Participant]:
    """Give a participant who was let in and has cloned."""
    outbox = state_of(organizer.folder / "challenge.yaml").outbox
    with Participant(ANNA, url, folder / "anna", outbox) as anna:
        anna.register()
        anna.confirm()
        anna.accept("data-use")
        organizer.command("people", "approve", ANNA.username)
        anna.clone()
        yield anna


def _pushes(organizer: Organizer, anna: Participant, folder: Path) -> Iterable[Figure]:
    method = _do_nothing(organizer, folder / "method")
    bare = folder / "bare.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    answers, plain, overheads = [], [], []
    for number in range(1, _PUSHES + 1):
        (method / "number.txt").write_text(f"{number}\n", encoding="utf-8")
        anna.copy.replace(method)
        anna.copy.commit(f"push {number}")
        start = monotonic_s()
        answer = anna.copy.push_tag(str(number))
        answers.append(monotonic_s() - start)
        assert answer.accepted, answer.text
        anna.await_verdict(number)
        seen_s = monotonic_s() - start
        overheads.append(seen_s - _work_s(organizer, number))
        plain.append(timed(lambda: _push_plain(anna.copy.folder, bare)))
    beside = {"p50": median(plain), "p95": percentile(plain, 0.95)}
    name = "push answered"
    yield Figure(f"{name}, p50 of {_PUSHES} (beside: bare repository, no hook)", median(answers),
                 "s", aim=1.0, beside=beside)  # fmt: skip
    yield Figure(f"{name}, p95", percentile(answers, 0.95), "s", aim=1.0, beside=beside)
    # As the participant sees it: from the start of `git push` to the page that says published,
    # which is asked every 0.15 s.
    name = "push to published rank beyond run and scoring, no trial"
    yield Figure(f"{name}, p50", median(overheads), "s")
    yield Figure(f"{name}, p95", percentile(overheads, 0.95), "s", aim=1.0)


@contextmanager
def deployed(folder: Path) -> Iterator[tuple[Organizer, str, float]]:
    """Give an organizer whose challenge runs, its address, and how long that took."""
    http_port, sftp_port = free_ports(2)
    Organizer(folder).command("init", "challenge", "--yes", "--http-port", str(http_port),
                              "--sftp-port", str(sftp_port))  # fmt: skip
    organizer = Organizer(folder / "challenge")
    file = organizer.folder / "challenge.yaml"
    text = file.read_text(encoding="utf-8")
    # The limits would end the benchmark after three pushes.
    raised = text.replace("per_day: 3", "per_day: 1000", 1).replace("total: 30", "total: 1000", 1)
    # A trial run is a run of the submission, but its time is not recorded apart: leave it out.
    assert "canary_cases: 1" in raised
    file.write_text(raised.replace("canary_cases: 1", "canary_cases: 0"), encoding="utf-8")
    try:
        ready_s = timed(lambda: organizer.command("deploy"))
        yield organizer, f"http://127.0.0.1:{http_port}", ready_s
    finally:
        organizer.command("down")


def _memory_mib(organizer: Organizer) -> float:
    pid = organizer.ask("status")["pid"]
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) / 1024


def _do_nothing(organizer: Organizer, method: Path) -> Path:
    """Make a submission that copies masks it brought along: it takes no time of its own."""
    (method / "masks").mkdir(parents=True)
    (method / "predict.py").write_text(_NOTHING, encoding="utf-8")
    (method / "submission.yaml").write_text(_SUBMISSION, encoding="utf-8")
    for reference in (organizer.folder / "data/test-public/reference").glob("*/mask.nii.gz"):
        (method / "masks" / reference.parent.name).write_bytes(reference.read_bytes())
    return method


def _work_s(organizer: Organizer, number: int) -> float:
    """Return how long the full run and the scoring took."""
    result = json.loads(organizer.command("submissions", "show", str(number), "--json"))["result"]
    return float(result["run_s"]) + float(result["score_s"])


def _push_plain(folder: Path, bare: Path) -> None:
    subprocess.run(["git", "push", "--quiet", str(bare), "HEAD:refs/heads/main", "--force"],
                   cwd=folder, check=True, capture_output=True)  # fmt: skip
