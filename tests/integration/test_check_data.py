"""`check` and `deploy` from the outside: progress, Ctrl-C, JSON, and the same refusal from both."""

import contextlib
import gzip
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.data.check.project import AFFINE, labels, make_project, packed

PROGRAM = [sys.executable, "-P", "-m", "cli"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "XDG_CACHE_HOME": str(tmp_path / "xdg"),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project").parent


def run(project: Path, environment: dict[str, str], *words: str) -> Any:
    return subprocess.run(
        [*PROGRAM, *words],
        check=False,
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def faults_in(stderr: str) -> list[str]:
    """Return what a command says without its progress, which depends on the machine's load."""
    return [line for line in stderr.splitlines() if not line.startswith("opening the data: ")]


def make_slow(project: Path) -> None:
    """Give every file half a gibibyte to unpack, in a few hundred kilobytes; all differ."""
    head = packed(np.zeros((1, 1, 1), dtype="u1"), AFFINE)
    size = np.array([1000, 1000, 500], dtype="<i2").tobytes()
    content = bytearray(gzip.decompress(head)[:352])
    content[42:48] = size
    large = gzip.compress(bytes(content) + bytes(500_000_000), compresslevel=1, mtime=0)
    for number, path in enumerate(sorted(project.rglob("*.nii.gz"))):
        path.write_bytes(large[:4] + bytes([number]) + large[5:])  # the time in gzip's own header


def workers_of(pid: int) -> set[int]:
    """Return the processes below `pid`, whatever session they are in."""
    below: set[int] = set()
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh}
        below |= fresh
    return below


def signalled(processes: set[int], number: signal.Signals) -> None:
    """Send a signal to those of the processes that are there still."""
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def held_up(checking: "subprocess.Popen[str]") -> tuple[str, set[int]]:
    """Return what a check says after two seconds, and its workers, which stand still.

    On a fast machine they would have opened everything by then.
    """
    assert checking.stderr is not None
    workers: set[int] = set()
    while not select.select([checking.stderr], [], [], 0.01)[0]:
        workers |= workers_of(checking.pid)
        signalled({pid for pid in workers if is_job(pid)}, signal.SIGSTOP)
    return checking.stderr.readline(), workers


def test_ctrl_c_ends_a_check_and_all_its_workers(project: Path, environment: dict[str, str]):
    make_slow(project)
    checking = subprocess.Popen(
        [*PROGRAM, "check"], cwd=project, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    said, workers = held_up(checking)

    os.killpg(checking.pid, signal.SIGINT)  # as a terminal does
    signalled(workers, signal.SIGCONT)
    out, err = checking.communicate(timeout=60)

    assert said.startswith("opening the data: ")
    assert said.endswith(" of 9 files\n")
    assert workers
    assert (checking.returncode, out) == (130, "")
    assert "Traceback" not in err
    until = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def test_scripts_get_every_case_and_file_as_json(project: Path, environment: dict[str, str]):
    ran = run(project, environment, "check", "--json")

    found = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert set(found) == {"faults", "challenge", "data"}
    data = found["data"]
    assert (data["files"], data["read"], data["releases"]) == (9, 9, [])
    (split,) = data["splits"]
    assert {key: split[key] for key in ("task", "split", "folder", "odd")} == {
        "task": "tissue", "split": "public", "folder": "data/test-public", "odd": [],
    }  # fmt: skip
    case = split["cases"][0]
    assert case["id"] == "case-1"
    assert case["shape"] == [6, 5, 4]
    assert case["spacing_mm"] == [1, 1, 2]
    assert case["label_voxels"] == {"1": 10, "2": 8}
    assert (case["ignored_voxels"], case["odd"], case["faults"]) == (0, [], [])
    mask = case["files"][2]
    content = (project / mask["path"]).read_bytes()
    assert (mask["role"], mask["name"], mask["size_bytes"]) == ("reference", "mask", len(content))
    assert mask["volume"]["labels"] == {"0": 102, "1": 10, "2": 8}


def test_scripts_get_the_table_beside_the_faults(project: Path, environment: dict[str, str]):
    (project / "data/test-public/reference/case-2/mask.nii.gz").write_bytes(b"garbage")
    ran = run(project, environment, "check", "--json")

    found = json.loads(ran.stdout)
    (fault,) = found["faults"]
    bad = "data/test-public/reference/case-2/mask.nii.gz"
    assert ran.returncode == 2
    assert (fault["line"], fault["path"], fault["value"]) == (12, "tasks[0].cases.public", bad)
    case = found["data"]["splits"][0]["cases"][1]
    assert case["faults"] == [f"{bad}: is not a NIfTI file"]
    assert case["files"][2]["refusal"] == "is not a NIfTI file"
    assert (case["shape"], case["label_voxels"]) == ([6, 5, 4], None)


def test_without_data_the_file_alone_is_judged(project: Path, environment: dict[str, str]):
    (project / "data/test-public/reference/case-2/mask.nii.gz").write_bytes(b"garbage")

    assert run(project, environment, "check", "--no-data").returncode == 0
    assert run(project, environment, "check").returncode == 2
    ran = run(project, environment, "check", "--no-data", "--json")
    assert json.loads(ran.stdout)["data"] is None


def test_many_faults_are_named_up_to_fifty(project: Path, environment: dict[str, str]):
    for number in range(60):
        case = f"more-{number:02}"
        for path in (f"inputs/{case}/t1", f"inputs/{case}/t2", f"reference/{case}/mask"):
            file = project / f"data/test-public/{path}.nii.gz"
            file.parent.mkdir(parents=True, exist_ok=True)
            content = packed(labels()) if "inputs" in path else b"garbage"
            file.write_bytes(content)

    ran = run(project, environment, "check")

    lines = ran.stderr.splitlines()
    assert ran.returncode == 2
    assert sum("is not a NIfTI file" in line for line in lines) == 50
    assert lines[-1] == "... and 10 more"


def test_deploy_refuses_in_the_words_of_check_and_makes_nothing(
    project: Path, environment: dict[str, str]
):
    (project / "data/test-public/reference/case-2/mask.nii.gz").write_bytes(
        packed(labels("u1") * 9)
    )
    checked, deployed = run(project, environment, "check"), run(project, environment, "deploy")

    assert (checked.returncode, deployed.returncode) == (2, 2)
    # `check` was given a relative path, and deploy works with the whole one.
    assert "holds 9 (8 voxels) and 18 (8 voxels), which the task does not declare" in checked.stderr
    assert faults_in(deployed.stderr.replace(f"{project}/", "")) == faults_in(checked.stderr)
    assert not (project / ".diychallenge").exists()


def test_help_stays_without_numpy():
    program = "import sys; from cli.main import run; run(['check', '--help']); "
    program += "sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)


def test_the_command_itself_never_loads_numpy(project: Path, environment: dict[str, str]):
    program = "import sys; from cli.main import run; code = run(['check']); "
    program += "sys.exit(code or 'numpy' in sys.modules)"
    subprocess.run(
        [sys.executable, "-c", program], cwd=project, env=environment, check=True,
        capture_output=True, timeout=60,
    )  # fmt: skip


def test_a_worker_that_is_killed_costs_its_file_and_no_more(
    project: Path, environment: dict[str, str]
):
    make_slow(project)
    checking = subprocess.Popen(
        [*PROGRAM, "check"], cwd=project, env=environment, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    _, workers = held_up(checking)
    os.kill(min(pid for pid in workers if is_job(pid)), signal.SIGKILL)
    signalled(workers, signal.SIGCONT)
    _, err = checking.communicate(timeout=300)

    told = "could not be read: the program that reads it was ended by signal 9"
    assert checking.returncode == 2
    assert err.count(told) == 1


def is_job(pid: int) -> bool:
    """Tell whether a process reads files itself, and is not the launcher beside it."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False  # it has ended
    return b"blueprint.data.check.job" in words and not any(b"tied_launcher" in w for w in words)
