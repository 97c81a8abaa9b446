"""`check` of 200 cases, first and second time, and its memory; beside: nibabel reading them once.

The cases are made here: a scan of 96 x 96 x 64 voxels of noise (int16) with a mask of two labels,
400 files, about 130 MiB. All files lie in the page cache by then, so the processor is measured.
"""

import gzip
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np

from benchmarks.measure import Figure, timed

_CASES = 200
_SHAPE = (96, 96, 64)
_SETTLED_S = 2.1
_MIB = 2**20
_YAML = """\
version: 1
challenge: {id: large, title: Large, contact: a@example.org}
tasks:
  - id: tissue
    title: Tissue
    problem: semantic-segmentation
    inputs: {t1: image}
    outputs: {mask: segmentation}
    labels: {1: grey, 2: white}
    cases: {public: test}
    metrics: [{id: dice}]
phases:
  - {id: first, tasks: [tissue], opens: 2027-06-01, closes: 2027-07-01}
"""
_NIBABEL = """\
import sys, nibabel, numpy
from pathlib import Path
for path in sorted(Path(sys.argv[1]).rglob("*.nii.gz")):
    data = numpy.asanyarray(nibabel.load(path).dataobj)
    data.min(), data.max()
"""


def measure() -> Iterable[Figure]:
    """Yield both times and the memory of the first check."""
    with tempfile.TemporaryDirectory(prefix="diychallenge-bench-") as scratch:
        project = Path(scratch) / "project"
        _make_project(project)
        env = {**os.environ, "XDG_CACHE_HOME": f"{scratch}/cache"}
        argv = [sys.executable, "-m", "cli", "check", "--json", "--file", str(project)]
        time.sleep(_SETTLED_S)  # files that were touched just now are not cached
        reading = [sys.executable, "-c", _NIBABEL, str(project)]
        beside = {"nibabel reads all, one process": timed(lambda: _run(reading, env))}
        peak_mib, first_s = _with_peak(argv, env)
        second_s = min(timed(lambda: _run(argv, env)) for _ in range(3))
        yield Figure(f"check of {_CASES} cases, first time", first_s, "s", beside=beside)
        yield Figure(
            f"check of {_CASES} cases, second time", second_s, "s", beside={"first": first_s}
        )
        workers = len(os.sched_getaffinity(0))
        yield Figure(
            "check, first time: peak memory of all its processes", peak_mib, "MiB",
            beside={"workers": float(workers)},
        )  # fmt: skip


def _make_project(project: Path) -> None:
    rng = np.random.default_rng(1)
    kind: Any = nibabel.Nifti1Image
    project.mkdir()
    (project / "challenge.yaml").write_text(_YAML)
    for number in range(_CASES):
        scan = rng.normal(500, 60, _SHAPE).astype("i2")
        mask = np.zeros(_SHAPE, dtype="u1")
        mask[20:60, 20 : 40 + number % 40, 10:50] = 1
        mask[30:50, 30:40, 20:40] = 2
        mask[:, :, 0] = rng.integers(0, 3, _SHAPE[:2])
        for path, data in ((f"inputs/{number:03}/t1", scan), (f"reference/{number:03}/mask", mask)):
            file = project / f"test/{path}.nii.gz"
            file.parent.mkdir(parents=True)
            file.write_bytes(gzip.compress(kind(data, np.eye(4)).to_bytes(), 1))


def _run(argv: list[str], env: dict[str, str]) -> None:
    subprocess.run(argv, env=env, check=True, stdout=subprocess.DEVNULL)


def _with_peak(argv: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Return the peak of the memory of a command and all below it, in MiB, and its seconds.

    Pages that processes share are counted once for each: it is an upper bound. Looking costs the
    command a little time, on one core of those that it uses.
    """
    peak_bytes = 0
    done = threading.Event()

    def watch(pid: int) -> None:
        nonlocal peak_bytes
        while not done.wait(0.05):
            peak_bytes = max(peak_bytes, sum(map(_resident_bytes, _tree(pid))))

    def run() -> None:
        with subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL) as command:
            watcher = threading.Thread(target=watch, args=(command.pid,))
            watcher.start()
            code = command.wait()
            done.set()
            watcher.join()
        assert code == 0

    seconds = timed(run)
    return peak_bytes / _MIB, seconds


def _tree(pid: int) -> set[int]:
    found, fresh = {pid}, {pid}
    while fresh:
        fresh = {child for one in fresh for child in _children(one)} - found
        found |= fresh
    return found


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


def _resident_bytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
